// What packages of smaller registries say of themselves: LuaRocks' rockspecs, opam files of OCaml,
// and CPAN's META.json.

#include <optional>
#include <unordered_map>

#include "inventory/joins.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using value::Value;

// Of a Lua program or an opam file, the texts that are assigned to plain names: `version = "1-1"`
// of the one, `version: "1"` of the other. In Lua a text may be put together of texts and of names
// that were assigned before; what is computed otherwise has none.
class Assignments {
  public:
    struct Assignment {
        std::string_view name;
        std::string text;
        std::size_t offset = 0;  // of the name
        int depth = 0;           // of brackets around it
    };

    // `comment` begins one that ends with the line; `mark` stands between name and text.
    Assignments(std::string_view text, std::string_view comment, char mark)
        : text_(text), comment_(comment), mark_(mark) {}

    // What `reading` does not get to see of too many is noted there.
    std::vector<Assignment> all(Reading& reading) {
        while (at_ < text_.size() && found_.size() < kMaxAssignments) step();
        if (at_ < text_.size()) {
            reading.unknown(at_, "more than 4,096 assignments; what stands here is not read");
        }
        return std::move(found_);
    }

  private:
    static bool is_of_name(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    }
    bool stands(std::string_view word) const { return text_.substr(at_).starts_with(word); }
    bool is_lua() const { return mark_ == '='; }
    bool stands_text() const {
        if (at_ < text_.size() && text_[at_] == '"') return true;
        return is_lua() && (stands("'") || stands("[["));
    }

    void skip_blanks() {
        while (at_ < text_.size()) {
            if (stands(comment_)) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (std::string_view(" \t\r\n").contains(text_[at_])) {
                ++at_;
            } else {
                return;
            }
        }
    }

    void step() {
        skip_blanks();
        if (at_ >= text_.size()) return;
        const char c = text_[at_];
        const std::size_t begin = at_;
        if (stands_text()) {
            const std::string_view text = take_text();
            if (!list_.empty() && depth_ == list_depth_)
                add({list_, std::string(text), begin, depth_ - 1});
        } else if (is_of_name(c)) {
            const std::string_view name = take_name();
            skip_blanks();
            if (at_ >= text_.size() || text_[at_] != mark_ || text_.substr(at_ + 1, 1) == "=")
                return;
            ++at_;
            skip_blanks();
            if (!is_lua() && stands("[")) {  // a list: each of its texts is the field's
                list_ = name;
                list_depth_ = depth_ + 1;
            } else if (auto value = take_value()) {
                add({name, *std::move(value), begin, depth_});
            }
        } else {
            depth_ += c == '{' || c == '[' || c == '(' ? 1 : 0;
            depth_ -= (c == '}' || c == ']' || c == ')') && depth_ > 0 ? 1 : 0;
            if (depth_ < list_depth_) list_ = {};
            ++at_;
        }
    }

    void add(Assignment assignment) {
        if (assignment.depth == 0) known_[assignment.name] = found_.size();
        found_.push_back(std::move(assignment));
    }

    std::string_view take_name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_of_name(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    std::string_view take_text() {
        const char quote = text_[at_];
        const bool is_long = quote == '[';
        const std::size_t begin = at_ + (is_long ? 2 : 1);
        std::size_t end = begin;
        while (end < text_.size() &&
               !(is_long ? text_.substr(end).starts_with("]]") : text_[end] == quote))
            end += !is_long && text_[end] == '\\' ? 2 : 1;
        end = std::min(end, text_.size());
        at_ = std::min(end + (is_long ? 2 : 1), text_.size());
        return text_.substr(std::min(begin, end), end - std::min(begin, end));
    }

    // Nothing where it is no text, or more than one text put together.
    std::optional<std::string> take_value() {
        std::string value;
        while (true) {
            skip_blanks();
            if (stands_text()) {
                const std::string_view text = take_text();
                if (value.size() + text.size() > kMaxTextBytes) return std::nullopt;
                value += text;
            } else if (at_ < text_.size() && is_of_name(text_[at_])) {
                const std::string* known = assigned(take_name());
                if (known == nullptr || value.size() + known->size() > kMaxTextBytes)
                    return std::nullopt;
                value += *known;
            } else {
                return std::nullopt;
            }
            skip_blanks();
            if (!stands("..")) break;
            at_ += 2;
        }
        // "(a)", "f(…)", "a and b": a program, of which the first part is not the text.
        const bool goes_on = at_ < text_.size() && (text_[at_] == '(' || text_[at_] == '.' ||
                                                    stands("and ") || stands("or "));
        return goes_on ? std::nullopt : std::optional(std::move(value));
    }

    const std::string* assigned(std::string_view name) const {
        const auto known = known_.find(name);
        return known == known_.end() ? nullptr : &found_[known->second].text;
    }

    // No file of theirs comes near; a hostile one shall not grow by naming what it assigned.
    static constexpr std::size_t kMaxAssignments = 4096;
    static constexpr std::size_t kMaxTextBytes = 1024;

    const std::string_view text_, comment_;
    const char mark_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::string_view list_;  // the field whose list is open, …
    int list_depth_ = 0;     // … and how deep its texts stand
    std::vector<Assignment> found_;
    std::unordered_map<std::string_view, std::size_t> known_;  // the last of each name, outermost
};

}  // namespace

// github.com/luarocks/luarocks, "Rockspec format": a Lua program that assigns these.
Status read_rockspec(Reading& reading) {
    std::string_view name, version, license;
    std::size_t offset = 0;
    const auto assignments = Assignments(reading.bytes, "--", '=').all(reading);
    for (const auto& found : assignments) {
        if (found.name == "package" && found.depth == 0) {
            name = found.text;
            offset = found.offset;
        }
        if (found.name == "version" && found.depth == 0) version = found.text;
        if (found.name == "license" && found.depth == 1) license = found.text;
    }
    if (name.empty()) return Error{"rockspec: expected a text assigned to \"package\""};
    Package& package = reading.add(name, version, offset);
    if (!license.empty()) package.licenses.emplace_back(license);
    if (version.empty()) reading.unknown(offset, package.name + " has a version that is computed");
    return {};
}

// opam.ocaml.org, "opam file": its fields. What the file leaves out, its own name and that of its
// folder say ("alcotest.opam", "ocaml.4.14.0/opam"); conclude() knows them.
Status read_opam(Reading& reading) {
    std::string_view name, version;
    std::vector<std::string_view> licenses;
    bool has_fields = false;
    const auto assignments = Assignments(reading.bytes, "#", ':').all(reading);
    for (const auto& found : assignments) {
        if (found.depth != 0) continue;
        has_fields = true;
        if (found.name == "name") name = found.text;
        if (found.name == "version") version = found.text;
        if (found.name == "license") licenses.push_back(found.text);
    }
    if (!has_fields) return Error{"opam: expected fields such as \"opam-version: …\""};
    Package& package = reading.add(name, version, 0);
    for (const std::string_view license : licenses) package.licenses.emplace_back(license);
    return {};
}

void join_opam_names(std::vector<FileFacts>& files) {
    for (FileFacts& file : files) {
        if (file.reader->name != "opam") continue;
        const std::string_view folder = folder_of(file.path);
        std::string_view stem = std::string_view(file.path).substr(file.path.rfind('/') + 1);
        stem = stem == "opam" ? folder.substr(folder.rfind('/') + 1)
                              : stem.substr(0, stem.size() - std::string_view(".opam").size());
        const std::size_t point = stem.find('.');
        packages::PackageSource& source = file.facts.source;
        for (Package& package : source.packages) {
            if (package.name.empty()) package.name = stem.substr(0, point);
            if (package.version.empty() && point != std::string_view::npos)
                package.version = stem.substr(point + 1);
            if (package.version.empty())
                source.unknowns.push_back(package.name + " has no version in its opam file");
        }
        std::erase_if(source.packages, [](const Package& package) { return package.name.empty(); });
    }
}

// CPAN::Meta::Spec, version 2. Other registries have a META.json as well, which is none of ours.
Status read_cpan_meta(Reading& reading) {
    const Value* root = MERLON_TRY(reading.json());
    const Value* spec = object_in(root, "meta-spec");
    if (spec == nullptr || string_in(spec, "url").find("pgxn") != std::string_view::npos) return {};
    const std::string_view name = string_in(root, "name");
    if (name.empty()) return Error{"CPAN's META.json: expected a \"name\""};
    Package& package =
        reading.add(name, text_of(root->find("version")), reading.offset_of(root->find("name")));
    each_item(array_in(root, "license"), [&](const Value& license) {
        // Its own words for licences ("Serialized data structure").
        const std::string_view word = string_of(&license);
        if (word != "unknown" && !word.empty()) package.licenses.emplace_back(word);
    });
    return {};
}

}  // namespace merlon::inventory
