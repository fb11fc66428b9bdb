/* A shared library that is no plugin. */
int library_without_entry_point(void);

int library_without_entry_point(void) { return 0; }
