// What packages of smaller registries say of themselves: LuaRocks' rockspecs, opam files of OCaml,
// and CPAN's META.json.

#include "inventory/joins.h"
#include "inventory/readers.h"

namespace merlon::inventory {
namespace {

using packages::Package;
using value::Value;

// Of a Lua program or an opam file, the texts that are assigned to plain names: `version = "1-1"`
// of the one, `version: "1"` of the other. What is computed has none.
class Assignments {
  public:
    struct Assignment {
        std::string_view name;
        std::string_view text;
        std::size_t offset = 0;  // of the name
        int depth = 0;           // of brackets around it
    };

    // `comment` begins one that ends with the line; `mark` stands between name and text.
    Assignments(std::string_view text, std::string_view comment, char mark)
        : text_(text), comment_(comment), mark_(mark) {}

    std::vector<Assignment> all() {
        while (at_ < text_.size()) step();
        return std::move(found_);
    }

  private:
    static bool is_of_name(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    }

    void step() {
        const char c = text_[at_];
        if (text_.substr(at_).starts_with(comment_)) {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (c == '"' || c == '\'' || text_.substr(at_).starts_with("[[")) {
            take_text(c);
        } else if (is_of_name(c)) {
            name_at_ = at_;
            while (at_ < text_.size() && is_of_name(text_[at_])) ++at_;
            name_ = text_.substr(name_at_, at_ - name_at_);
            is_assigned_ = false;
        } else {
            depth_ += c == '{' || c == '[' || c == '(' ? 1 : 0;
            depth_ -= (c == '}' || c == ']' || c == ')') && depth_ > 0 ? 1 : 0;
            is_assigned_ = (c == mark_ && !is_assigned_) || (is_assigned_ && is_blank(c));
            if (!is_assigned_ && !is_blank(c)) name_ = {};
            ++at_;
        }
    }

    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void take_text(char quote) {
        const bool is_long = quote == '[';
        const std::size_t begin = at_ + (is_long ? 2 : 1);
        std::size_t end = begin;
        while (end < text_.size() &&
               !(is_long ? text_.substr(end).starts_with("]]") : text_[end] == quote))
            end += !is_long && text_[end] == '\\' ? 2 : 1;
        end = std::min(end, text_.size());
        if (is_assigned_ && !name_.empty())
            found_.push_back({name_, text_.substr(begin, end - begin), name_at_, depth_});
        name_ = {};
        is_assigned_ = false;
        at_ = std::min(end + (is_long ? 2 : 1), text_.size());
    }

    const std::string_view text_, comment_;
    const char mark_;
    std::size_t at_ = 0, name_at_ = 0;
    std::string_view name_;
    bool is_assigned_ = false;
    int depth_ = 0;
    std::vector<Assignment> found_;
};

}  // namespace

// github.com/luarocks/luarocks, "Rockspec format": a Lua program that assigns these.
Status read_rockspec(Reading& reading) {
    std::string_view name, version, license;
    std::size_t offset = 0;
    for (const auto& found : Assignments(reading.bytes, "--", '=').all()) {
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
    for (const auto& found : Assignments(reading.bytes, "#", ':').all()) {
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
