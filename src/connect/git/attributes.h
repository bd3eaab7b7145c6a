#pragma once

// What .gitattributes files say about a path (gitattributes(5)).
//
// The idea: `git log` reads attributes from the working tree that is checked out, whatever commit
// it prints, and from $GIT_DIR/info/attributes; in a bare repository only from the latter. So one
// set holds for a whole history. Not read, as no repository's scan may depend on whose machine it
// runs on: the user's and the system's attribute files. Files are asked for when a path below their
// folder is.
//
// For one attribute the last matching line of the nearest file wins, info/attributes before all; a
// macro sets what it holds where nothing has been set yet.
//
// Thread-safe: any number of threads ask; a lock guards the files read so far. Cost: the lines of
// the files above a path, each a glob.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace merlon::connect::git {

enum class AttributeState : std::uint8_t { kUnspecified, kSet, kUnset, kValue };

struct AttributeValue {
    AttributeState state = AttributeState::kUnspecified;
    std::string value = {};  // of kValue

    bool operator==(const AttributeValue&) const = default;
};

// The text of `folder`'s .gitattributes, if it has one. `folder` is "" or ends in '/'.
using AttributeFiles = std::function<std::optional<std::string>(std::string_view folder)>;

// Those below a working tree. A .gitattributes that is a symbolic link is not followed, as in git.
AttributeFiles attribute_files_below(std::string working_tree);

class Attributes {
  public:
    Attributes();  // none but the macro `binary`
    // `info` is the text of info/attributes; `files` may be empty for a bare repository.
    Attributes(std::string_view info, AttributeFiles files);
    Attributes(Attributes&&) noexcept;
    Attributes& operator=(Attributes&&) noexcept;
    ~Attributes();

    // What is said about attribute `name` of the file at `path`.
    AttributeValue find(std::string_view path, std::string_view name) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace merlon::connect::git
