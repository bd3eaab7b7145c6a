<?php
// Compares versions with PHP's version_compare: lines "A<tab>B" in, < = > out.
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n"));
    $order = version_compare($a, $b);
    echo $order < 0 ? "<\n" : ($order > 0 ? ">\n" : "=\n");
}
