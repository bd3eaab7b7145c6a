#pragma once

// What the conformance runners share: where a public suite is, which failures are known, and the
// closing line.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace merlon::conformance {

inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// MERLON_CORPORA/name, else ../shared/corpora/name from the project's root; empty where absent.
inline std::filesystem::path find_suite(const std::string& name) {
    const char* named = std::getenv("MERLON_CORPORA");
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    const std::filesystem::path root =
        named != nullptr
            ? std::filesystem::path(named)
            : std::filesystem::path(source != nullptr ? source : ".") / ".." / "shared" / "corpora";
    return std::filesystem::exists(root / name) ? root / name : std::filesystem::path();
}

// A number of tests/budget.txt; 1 where it is not there.
inline int budget(const std::string& name) {
    const char* source = std::getenv("MERLON_SOURCE_DIR");
    std::ifstream file(std::filesystem::path(source != nullptr ? source : ".") / "tests" /
                       "budget.txt");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + " ")) return std::stoi(line.substr(name.size() + 1));
    }
    return 1;
}

// Counts cases against a list of failures that are known and explained: a line each, "case reason".
class Tally {
  public:
    explicit Tally(const std::string& known_failures) {
        const char* source = std::getenv("MERLON_SOURCE_DIR");
        std::ifstream file(std::filesystem::path(source != nullptr ? source : ".") / "tests" /
                           "conformance" / known_failures);
        for (std::string line; std::getline(file, line);) {
            if (line.empty() || line.starts_with('#')) continue;
            const std::size_t space = line.find(' ');
            known_[line.substr(0, space)] =
                space == std::string::npos ? "" : line.substr(space + 1);
        }
    }

    void record(const std::string& name, bool passed, const std::string& detail) {
        const auto known = known_.find(name);
        if (passed) {
            ++passed_;
            if (known != known_.end()) {
                std::printf("%s passes; take it off the list of known failures\n", name.c_str());
                stale_ = true;
            }
            return;
        }
        ++failed_;
        if (known != known_.end()) {
            std::printf("%s fails as known: %s\n", name.c_str(), known->second.c_str());
        } else {
            std::printf("%s FAILS: %s\n", name.c_str(), detail.c_str());
            unexpected_ = true;
        }
    }

    // Prints the closing line; the exit code of the runner.
    int finish() const {
        std::printf("%d passed, %d failed\n", passed_, failed_);
        return unexpected_ || stale_ || passed_ == 0 ? 1 : 0;
    }

  private:
    std::map<std::string, std::string> known_;
    int passed_ = 0;
    int failed_ = 0;
    bool unexpected_ = false;
    bool stale_ = false;
};

// The suite is not here: said, and a failure where it is required.
inline int not_run(int cases) {
    std::printf("0 passed, %d not run\n", cases);
    const char* required = std::getenv("MERLON_REQUIRE_CORPORA");
    return required != nullptr && std::string(required) == "1" ? 1 : 0;
}

}  // namespace merlon::conformance
