/* Built for a later minor version of the header, whose table has entries that this one does not know. */
#include "minimal_plugin.h"

const tg_backend* tapegrad_backend(void) {
    static struct {
        tg_backend known;
        int (*unknown[3])(void);
    } table;
    table.known = minimal_plugin("later_minor");
    table.known.abi_version = TG_ABI_VERSION + 7;
    table.known.struct_size = (uint32_t)sizeof(table);
    return &table.known;
}
