// Compares versions as rpm does, through librpm: lines "A<tab>B" in, < = > or ? out.
#include <rpm/rpmver.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        char* right = strchr(line, '\t');
        if (right == NULL) return 1;
        *right++ = '\0';
        right[strcspn(right, "\n")] = '\0';
        rpmver a = rpmverParse(line), b = rpmverParse(right);
        if (a == NULL || b == NULL) {
            puts("?");
        } else {
            const int order = rpmverCmp(a, b);
            puts(order < 0 ? "<" : order > 0 ? ">" : "=");
        }
        rpmverFree(a);
        rpmverFree(b);
    }
    return 0;
}
