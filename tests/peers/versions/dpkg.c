// Compares versions as dpkg does, through libdpkg: lines "A<tab>B" in, < = > or ? out.
#define LIBDPKG_VOLATILE_API 1
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/version.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        char* right = strchr(line, '\t');
        if (right == NULL) return 1;
        *right++ = '\0';
        right[strcspn(right, "\n")] = '\0';
        struct dpkg_version a, b;
        struct dpkg_error error = DPKG_ERROR_INIT;
        if (parseversion(&a, line, &error) < 0 || parseversion(&b, right, &error) < 0) {
            puts("?");
            continue;
        }
        const int order = dpkg_version_compare(&a, &b);
        puts(order < 0 ? "<" : order > 0 ? ">" : "=");
    }
    return 0;
}
