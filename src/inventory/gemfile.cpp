// Gemfile (bundler.io, "Gemfile"): the gems that it asks for, and from where.
//
// It is a program, and its lines are read as people write them: `gem "name", "~> 1.0", group:
// :test`, and blocks of groups, sources and conditions around them. What is computed is an unknown.

#include <array>
#include <vector>

#include "inventory/readers.h"
#include "packages/version.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::Scope;
using Place = RegistrySetting::Role;

// What stands around a line.
struct Block {
    Scope scope = Scope::kRuntime;
    bool is_conditional = false;
    bool is_local = false;
    bool is_repository = false;
};

bool begins_with_word(std::string_view line, std::string_view word) {
    return line.starts_with(word) &&
           (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '(');
}

// "development", "test" and nothing else.
Scope scope_of_groups(std::string_view text) {
    bool any = false, all = true;
    for (std::size_t at = text.find(':'); at != std::string_view::npos;
         at = text.find(':', at + 1)) {
        const std::string_view name = text.substr(at + 1);
        const std::size_t length = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
        const std::string_view group = name.substr(0, length);
        if (group.empty()) continue;
        any = true;
        all = all && (group == "development" || group == "test");
    }
    return any && all ? Scope::kDevelopment : Scope::kRuntime;
}

class GemfileReader {
  public:
    explicit GemfileReader(Reading& reading) : reading_(reading) {}

    void read() {
        for (std::uint32_t number = 1; number <= reading_.lines().line_count(); ++number) {
            const std::string_view whole = reading_.lines().line_text(number);
            std::string_view line = trim(whole);
            line = trim(line.substr(0, line.find(" #")));
            if (line.empty() || line[0] == '#') continue;
            const std::size_t offset =
                reading_.lines().line_begin(number) + whole.find_first_not_of(" \t");
            read_line(line, offset);
        }
    }

  private:
    void read_line(std::string_view line, std::size_t offset) {
        if (begins_with_word(line, "gem")) return read_gem(trim(line.substr(3)), offset);
        if (begins_with_word(line, "gemspec")) return read_specification(line);
        if (begins_with_word(line, "source")) read_source(line, offset);
        if (begins_with_word(line, "eval_gemfile")) return read_include(line, offset);
        if (line == "end") {
            if (!blocks_.empty()) blocks_.pop_back();
        } else if (line.ends_with(" do") || line.find(" do |") != std::string_view::npos) {
            open_block(line);
        } else if (begins_with_word(line, "if") || begins_with_word(line, "unless") ||
                   begins_with_word(line, "case") || begins_with_word(line, "def") ||
                   begins_with_word(line, "begin")) {
            Block block = around();
            block.is_conditional = true;
            blocks_.push_back(block);
        }
    }

    Block around() const { return blocks_.empty() ? Block{} : blocks_.back(); }

    void open_block(std::string_view line) {
        Block block = around();
        if (begins_with_word(line, "group")) {
            if (scope_of_groups(line) == Scope::kDevelopment) block.scope = Scope::kDevelopment;
        } else if (begins_with_word(line, "path")) {
            block.is_local = true;
        } else if (begins_with_word(line, "git") || begins_with_word(line, "github")) {
            block.is_repository = true;
        } else if (!begins_with_word(line, "source")) {
            block.is_conditional = true;
        }
        blocks_.push_back(block);
    }

    // A second source outside of a block is asked for every gem.
    void read_source(std::string_view line, std::size_t offset) {
        const bool is_block = line.ends_with(" do");
        Place role = has_source_ ? Place::kExtra : Place::kDefault;
        if (is_block) {
            role = Place::kNamed;
        } else {
            has_source_ = true;
        }
        std::string_view rest = line.substr(6);
        const std::string_view url = take_quoted(rest);
        reading_.add_registry(role, Ecosystem::kGem, "source", url, offset);
    }

    // The text in quotes at the front of `rest`, which goes on behind it; empty where none is
    // there.
    static std::string_view take_quoted(std::string_view& rest) {
        rest = trim(rest);
        while (!rest.empty() && (rest[0] == '(' || rest[0] == ',' || rest[0] == ' '))
            rest.remove_prefix(1);
        if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return {};
        const std::size_t end = rest.find(rest[0], 1);
        if (end == std::string_view::npos) return {};
        const std::string_view text = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        return text;
    }

    // `gemspec path: "engine"`: the specification of that folder, else of the Gemfile's own.
    void read_specification(std::string_view line) {
        std::string_view rest = line;
        for (const std::string_view option : {"path:", ":path =>", ":path=>"}) {
            const std::size_t at = line.find(option);
            if (at == std::string_view::npos) continue;
            rest = line.substr(at + option.size());
            reading_.facts.members.emplace_back(take_quoted(rest));
            return;
        }
        reading_.facts.members.emplace_back(".");
    }

    // Another Gemfile is read as if it stood here; one whose name is computed is not known.
    void read_include(std::string_view line, std::size_t offset) {
        std::string_view rest = line.substr(std::string_view("eval_gemfile").size());
        const std::string_view path = take_quoted(rest);
        if (path.empty() || path.find("#{") != std::string_view::npos || path.starts_with('/')) {
            reading_.unknown(offset, "a Gemfile that is taken in by a computed name");
        } else {
            reading_.facts.includes.push_back({std::string(path), "gemfile"});
        }
    }

    static bool has_option(std::string_view options, std::string_view name) {
        for (std::size_t at = options.find(name); at != std::string_view::npos;
             at = options.find(name, at + 1)) {
            const std::string_view behind = options.substr(at + name.size());
            if (behind.starts_with(':') || (at > 0 && options[at - 1] == ':')) return true;
        }
        return false;
    }

    void read_gem(std::string_view rest, std::size_t offset) {
        const std::string_view name = take_quoted(rest);
        if (name.empty() || name.find("#{") != std::string_view::npos) {
            reading_.unknown(offset, "a gem whose name is computed");
            return;
        }
        std::string requested;
        for (std::string_view range = take_quoted(rest); !range.empty();
             range = take_quoted(rest)) {
            // "group" => :test, as older files have it, is an option.
            if (trim(rest).starts_with("=>")) break;
            requested += (requested.empty() ? "" : ", ") + std::string(range);
        }
        const Block block = around();
        Package& package = reading_.add(name, "", offset);
        package.requested = requested;
        package.relation = packages::Relation::kDirect;
        package.scope = block.scope;
        if (has_option(rest, "group") || has_option(rest, "groups")) {
            const std::string_view groups = rest.substr(rest.find("group") + 5);
            if (scope_of_groups(groups) == Scope::kDevelopment) package.scope = Scope::kDevelopment;
        }
        package.local = block.is_local || has_option(rest, "path");
        bool is_repository = block.is_repository;
        for (const std::string_view host : {"git", "github", "gitlab", "bitbucket", "gist"})
            is_repository |= has_option(rest, host);
        package.is_conditional = block.is_conditional || is_repository ||
                                 has_option(rest, "platforms") || has_option(rest, "platform") ||
                                 has_option(rest, "install_if") ||
                                 rest.find(" if ") != std::string_view::npos ||
                                 rest.find(" unless ") != std::string_view::npos;
        // A version alone is that one ("Gemfile", VERSION).
        const bool is_pin = !requested.empty() && !is_repository && !package.local &&
                            requested[0] >= '0' && requested[0] <= '9' &&
                            !packages::is_no_version(packages::VersionScheme::kGem, requested);
        if (is_pin) package.version = requested;
    }

    Reading& reading_;
    std::vector<Block> blocks_;
    bool has_source_ = false;
};

}  // namespace

Status read_gemfile(Reading& reading) {
    GemfileReader(reading).read();
    return {};
}

}  // namespace merlon::inventory
