#pragma once

// An ObjectReader that asks `git cat-file --batch`: slow, and independent of our own object
// database.

#include <cstdio>
#include <mutex>
#include <string>
#include <unordered_map>

#include "connect/git/object.h"

namespace merlon::tests {

class CatFileReader : public connect::git::ObjectReader {
  public:
    explicit CatFileReader(const std::string& repository);
    ~CatFileReader() override;

    connect::git::ObjectResult<connect::git::Object> read(
        const connect::git::ObjectId& id) const override;
    connect::git::ObjectResult<std::uint64_t> size(const connect::git::ObjectId& id) const override;

  private:
    struct Cache {
        std::unordered_map<connect::git::ObjectId, connect::git::Object> objects;
        std::size_t bytes = 0;
    };

    mutable std::mutex mutex_;
    mutable Cache cache_;
    int process_ = 0;
    std::FILE* to_git_ = nullptr;
    std::FILE* from_git_ = nullptr;
};

}  // namespace merlon::tests
