// A library that is no extension: it exports something else.
extern "C" int an_unrelated_function() { return 0; }
