#include <stddef.h>
#include <stdint.h>

// The target is chosen once, by PURSER_FUZZ; the harness ends the process when a property does not hold.
void purser_fuzz_one(const uint8_t *bytes, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    purser_fuzz_one(bytes, (ptrdiff_t)count);
    return 0;
}
