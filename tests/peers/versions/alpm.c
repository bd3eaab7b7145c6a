// Compares versions as pacman does, through libalpm: lines "A<tab>B" in, < = > out.
#include <alpm.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        char* right = strchr(line, '\t');
        if (right == NULL) return 1;
        *right++ = '\0';
        right[strcspn(right, "\n")] = '\0';
        const int order = alpm_pkg_vercmp(line, right);
        puts(order < 0 ? "<" : order > 0 ? ">" : "=");
    }
    return 0;
}
