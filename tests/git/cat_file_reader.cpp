#include "cat_file_reader.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/assert.h"
#include "base/file.h"

namespace merlon::tests {

using namespace connect::git;

CatFileReader::CatFileReader(const std::string& repository) {
    int down[2];
    int up[2];
    MERLON_ASSERT(pipe(down) == 0 && pipe(up) == 0);
    process_ = fork();
    MERLON_ASSERT(process_ >= 0);
    if (process_ == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
        execlp("git", "git", "-C", repository.c_str(), "cat-file", "--batch", nullptr);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    to_git_ = fdopen(down[1], "w");
    from_git_ = fdopen(up[0], "r");
}

CatFileReader::~CatFileReader() {
    std::fclose(to_git_);
    std::fclose(from_git_);
    waitpid(process_, nullptr, 0);
}

ObjectResult<Object> CatFileReader::read(const ObjectId& id) const {
    const std::lock_guard lock(mutex_);
    if (const auto known = cache_.objects.find(id); known != cache_.objects.end())
        return Object{known->second};
    std::fprintf(to_git_, "%s\n", id.hex().c_str());
    std::fflush(to_git_);
    char line[256];
    if (std::fgets(line, sizeof(line), from_git_) == nullptr)
        return {ObjectFailure::kReadError, Error{"git cat-file has ended"}};
    char hex[128];
    char type[16];
    std::size_t size = 0;
    if (std::sscanf(line, "%127s %15s %zu", hex, type, &size) != 3)
        return {ObjectFailure::kMissing, Error{"object " + id.hex() + " is missing"}};
    std::string bytes(size + 1, '\0');
    if (std::fread(bytes.data(), 1, size + 1, from_git_) != size + 1)
        return {ObjectFailure::kReadError, Error{"git cat-file has ended"}};
    bytes.pop_back();

    constexpr std::size_t kMaxCached = std::size_t{256} << 20;
    if (cache_.bytes + size > kMaxCached) cache_ = {};
    const Object object{parse_object_type(type).value_or(ObjectType::kTag), padded_copy(bytes)};
    cache_.bytes += size;
    cache_.objects.emplace(id, object);
    return Object{object};
}

ObjectResult<std::uint64_t> CatFileReader::size(const ObjectId& id) const {
    ObjectResult<Object> object = read(id);
    if (!object.ok()) return {object.failure, std::move(object).error()};
    return std::uint64_t{object.value().bytes().size()};
}

}  // namespace merlon::tests
