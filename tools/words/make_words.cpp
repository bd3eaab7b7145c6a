// Makes the block of bytes of secrets/word_set.h from lists of words, one word a line; what follows
// '#' is a remark.
//
//   make_words OUTPUT LIST…

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "secrets/word_set.h"

int main(int count, char** arguments) {
    if (count < 3) {
        std::cerr << "usage: make_words OUTPUT LIST…\n";
        return 2;
    }
    std::vector<std::string> words;
    for (int i = 2; i < count; ++i) {
        std::ifstream list(arguments[i]);
        if (!list) {
            std::cerr << "make_words: cannot read " << arguments[i]
                      << "; tools/setup.sh installs the list of the package wamerican\n";
            return 2;
        }
        for (std::string word; std::getline(list, word);) {
            word.resize(std::min(word.find('#'), word.size()));
            while (!word.empty() && word.back() == ' ') word.pop_back();
            words.push_back(word);
        }
    }
    std::ofstream output(arguments[1], std::ios::binary);
    output << merlon::secrets::make_word_block(words);
    output.close();
    if (!output) {
        std::cerr << "make_words: cannot write " << arguments[1] << "\n";
        return 2;
    }
    return 0;
}
