#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "rego/syntax/checks.h"
#include "rego/syntax/compare.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/format_writer.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"

// Modules: what the whole text needs to know, which imports it needs, and its order.

namespace merlon::rego::syntax {
namespace {

bool is_path(const Import& import, std::string_view root, std::string_view second) {
    const Terms path = import.path->terms;
    return path.size() == 2 && is_variable(*path[0], root) && path[1]->text == second;
}
bool is_rego_v1(const Import& import) { return is_path(import, "rego", "v1"); }
bool is_rego_v2(const Import& import) { return is_path(import, "rego", "v2"); }
bool imports_all_keywords(const Import& import) { return is_path(import, "future", "keywords"); }
bool is_of_future(const Import& import) { return is_variable(*import.path->terms[0], "future"); }

// The word of `import future.keywords.word`; empty where it is something else.
std::string_view future_word(const Import& import) {
    const Terms path = import.path->terms;
    const bool is_word = import.alias.empty() && path.size() == 3 && is_of_future(import) &&
                         path[1]->text == "keywords";
    return is_word ? path[2]->text : std::string_view{};
}

// Prepares the tree: wildcards that stand twice get names, nodes without a place get one.
class Preparation {
  public:
    enum class Places : std::uint8_t { kKept, kDropped, kDroppedButLinesOfBodies };
    explicit Preparation(Arena& arena, Places places = Places::kKept)
        : arena_(&arena), places_(places), nowhere_(make_nowhere()), below_(make_nowhere()) {
        ++below_->row;
    }

    Location* make_nowhere() {
        return arena_->make<Location>(1u, 1u, 0u, std::string_view("?"), true);
    }

    bool enter(Term& term) {
        if (places_ == Places::kDroppedButLinesOfBodies) keep_line_of_body(term);
        place(term.location);
        if (term.kind == TermKind::kVariable && is_wildcard(term.text)) name_wildcard(term);
        return true;
    }
    bool enter(With& with) {
        place(with.location);
        return true;
    }
    bool enter(Expression& expression) {
        const Location* const written = expression.location;
        place(expression.location);
        if (places_ != Places::kKept) expression.declaration = nowhere_;
        switch (expression.kind) {
            case ExpressionKind::kEvery:
                words.insert("every");
                break;
            case ExpressionKind::kNot:
                words.insert("not");
                break;
            case ExpressionKind::kAnd:
                words.insert("and");
                break;
            case ExpressionKind::kOr:
                words.insert("or");
                break;
            case ExpressionKind::kCall:
                if (!to_text(*expression.terms[0]).starts_with("internal.member_")) break;
                words.insert("in");
                if (has_result(expression) && wrong_place == nullptr) {
                    wrong_place = written;
                }
                break;
            default:
                break;
        }
        return true;
    }

    std::set<std::string_view> words;       // of the future, that the module uses
    const Location* wrong_place = nullptr;  // of the first membership with a result

  private:
    static bool has_result(const Expression& membership) {
        const bool has_key = to_text(*membership.terms[0]).ends_with('3');
        return membership.terms.size() > (has_key ? 4 : 3);
    }
    void place(Location*& location) {
        if (location == below_) return;
        if (location == nullptr || places_ != Places::kKept) location = nowhere_;
    }
    // Whether a comprehension's body begins on a line of its own is seen before places are dropped.
    // What has none stands on the first line, as what partial evaluation has renamed does.
    void keep_line_of_body(const Term& term) const {
        if (term.body.empty()) return;
        const auto row = [](const Location* location) {
            return location == nullptr ? 1U : location->row;
        };
        Location*& body = term.body[0]->location;
        if (row(body) > row(term.terms.back()->location)) body = below_;
    }
    void name_wildcard(Term& term) {
        const auto [first, is_new] = wildcards_.emplace(term.text, &term);
        if (is_new) return;
        std::string name(term.text.substr(1));
        if (!name.starts_with('_')) name.insert(name.begin(), '_');
        const std::string_view kept = arena_->copy(std::string_view(name));
        if (first->second != nullptr) first->second->text = kept;
        first->second = nullptr;
        term.text = kept;
    }

    Arena* arena_;
    Places places_;
    Location* nowhere_;
    Location* below_;  // on the line behind
    std::map<std::string_view, Term*> wildcards_;
};

// Which imports the module needs at its version.
class ImportList {
  public:
    ImportList(Module& module, Arena& arena, Interner& interner)
        : imports_(module.imports.begin(), module.imports.end()),
          arena_(arena),
          interner_(interner) {}

    std::vector<Import*> settle(const FormatOptions& options,
                                const std::set<std::string_view>& words) {
        const bool drops = options.redundant_imports == RedundantImports::kDrop;
        if (options.version == RegoVersion::kV2) {
            if (drops) {
                std::erase_if(imports_, [](Import* import) {
                    return is_rego_v1(*import) || is_rego_v2(*import) || is_of_future(*import);
                });
            }
            return imports_;
        }
        const bool has_v2 = any(is_rego_v2);
        if (has_v2 || (options.version == RegoVersion::kV1 && drops)) {
            std::erase_if(imports_, [](Import* import) { return is_rego_v1(*import); });
        } else if (options.version == RegoVersion::kV0CompatibleV1 && !any(is_rego_v1)) {
            add({"rego", "v1"});
        }
        const bool has_v1 = has_v2 || any(is_rego_v1);
        const bool is_v1 = options.version != RegoVersion::kV0;
        if ((is_v1 || has_v1) && (drops || has_v1))
            std::erase_if(imports_, [](Import* import) { return is_of_future(*import); });
        if (has_v2) return imports_;
        for (const std::string_view word : words) {
            if (!(is_v1 || has_v1) || needs_import(word, RegoVersion::kV1)) ensure(word);
        }
        return imports_;
    }

  private:
    bool any(bool (*is_one)(const Import&)) const {
        return std::ranges::any_of(imports_, [&](Import* import) { return is_one(*import); });
    }
    void ensure(std::string_view word) {
        const bool is_there = std::ranges::any_of(imports_, [&](Import* import) {
            const std::string_view known = future_word(*import);
            return imports_all_keywords(*import) || known == word ||
                   (known == "every" && word == "in");
        });
        if (!is_there) add({"future", "keywords", word});
    }
    void add(std::initializer_list<std::string_view> path) {
        Import* const import = arena_.make<Import>();
        Term* const term = arena_.make<Term>();
        term->kind = TermKind::kReference;
        term->terms = arena_.make_array<Term*>(path.size());
        std::size_t i = 0;
        for (const std::string_view text : path) {
            Term* const part = arena_.make<Term>();
            part->kind = i == 0 ? TermKind::kVariable : TermKind::kString;
            part->text = text;
            part->constant = value::Builder(arena_, interner_).string(text);
            part->location = arena_.make<Location>(1u, 1u, 0u, text);
            term->terms[i++] = part;
        }
        term->location = term->terms[0]->location;
        import->path = term;
        std::uint32_t row = 0;
        for (const Import* other : imports_) {
            if (is_of_future(*other) || is_rego_v1(*other))
                row = std::max(row, other->location->row);
        }
        import->location = arena_.make<Location>(row + 1, 1u, 0u, std::string_view{}, true);
        imports_.push_back(import);
    }

    std::vector<Import*> imports_;
    Arena& arena_;
    Interner& interner_;
};

FormatState state_of(const Module& module, RegoVersion version) {
    FormatState state;
    state.is_v1 = state.uses_if = state.uses_contains = version != RegoVersion::kV0;
    state.is_v2 = version == RegoVersion::kV2;
    for (const Import* import : module.imports) {
        const std::string_view word = future_word(*import);
        if (const FutureWord* known = find_future_word(word))
            state.future_keywords |= known->keyword;
        const bool is_v1 = is_rego_v1(*import);
        const bool is_v2 = is_rego_v2(*import);
        state.imports_v1 |= is_v1 || is_v2;
        state.imports_v2 |= is_v2;
        const bool is_all = is_v1 || is_v2 || imports_all_keywords(*import);
        state.uses_contains |= is_all || word == "contains";
        state.uses_if |= is_all || word == "if";
    }
    const auto needs_reference_head = [](const Rule& rule) {
        const Head& head = *rule.head;
        return head.reference.size() > 2 ||
               (head.reference.size() == 2 && head.key != nullptr && head.value == nullptr);
    };
    for (const Rule* first : module.rules) {
        for (const Rule* rule = first; rule != nullptr; rule = rule->otherwise)
            state.has_reference_heads |= needs_reference_head(*rule);
    }
    return state;
}

struct Statement {
    Import* import = nullptr;
    Rule* rule = nullptr;
    const Location* location() const {
        return import != nullptr ? import->location : rule->location;
    }
};

std::string_view trim_end(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r\n\v\f");
    return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// Imports that the formatter adds have a row of its own choice; behind a rule they would do
// nothing.
std::vector<Import*> take_late_imports(std::vector<Statement>& statements) {
    std::uint32_t first_rule = 0;
    for (const Statement& statement : statements) {
        if (statement.rule != nullptr &&
            (first_rule == 0 || statement.rule->location->row < first_rule))
            first_rule = statement.rule->location->row;
    }
    const auto is_added = [](const Statement& statement) {
        return statement.import != nullptr && statement.import->location->is_synthetic;
    };
    const bool is_late =
        first_rule != 0 && std::ranges::any_of(statements, [&](const Statement& s) {
            return is_added(s) && s.import->location->row >= first_rule;
        });
    std::vector<Import*> late;
    if (!is_late) return late;
    for (const Statement& statement : statements) {
        if (is_added(statement)) late.push_back(statement.import);
    }
    std::erase_if(statements, is_added);
    return late;
}

}  // namespace

void FormatWriter::write_module(Module& module) {
    std::vector<Comment*> all(module.comments.begin(), module.comments.end());
    std::ranges::stable_sort(all, [](const Comment* left, const Comment* right) {
        return is_before(left->location, right->location);
    });
    for (Comment* comment : all) comment->text = trim_end(comment->text);
    Comments comments = keep_pointers(all, arena_);

    std::vector<Statement> statements;
    for (Import* import : module.imports) statements.push_back({.import = import});
    for (Rule* rule : module.rules) statements.push_back({.rule = rule});
    std::ranges::stable_sort(statements, [](const Statement& left, const Statement& right) {
        return is_before(left.location(), right.location());
    });
    const std::vector<Import*> late = take_late_imports(statements);
    const auto is_fine = [this](Written written) {
        if (written == Written::kUnexpectedComment) fail("unexpected comment");
        return written == Written::kFine;
    };
    if (!is_fine(write_package(*module.package, comments))) return;
    if (!is_fine(write_imports(late, comments))) return;
    for (std::size_t i = 0; i < statements.size();) {
        std::vector<Import*> imports;
        for (; i < statements.size() && statements[i].import != nullptr; ++i)
            imports.push_back(statements[i].import);
        if (!is_fine(write_imports(imports, comments))) return;
        std::vector<Rule*> rules;
        for (; i < statements.size() && statements[i].rule != nullptr; ++i)
            rules.push_back(statements[i].rule);
        write_rules(rules, comments);
    }
    for (std::size_t i = 0; i < comments.size(); ++i) {
        write_line("#" + std::string(comments[i]->text));
        if (i + 1 == comments.size()) write("\n");
    }
}

void FormatWriter::write_query(Body query) {
    Comments none;
    if (!query.empty()) write_body(query, none);
}

std::string FormatWriter::finish() && {
    if (out_.ends_with('\n')) {
        out_.resize(out_.find_last_not_of('\n') + 1);
        out_ += '\n';
    }
    return std::move(out_);
}

Written FormatWriter::write_package(Package& package, Comments& comments) {
    const Written written = insert_comments(comments, row_of(package.location));
    if (written != Written::kFine) return written;
    start_line();
    Term name = *package.path[1];
    name.kind = TermKind::kVariable;
    std::vector<Term*> path{&name};
    path.insert(path.end(), package.path.begin() + 2, package.path.end());
    write("package ");
    Comments none;
    write_reference(path, none);
    blank_line();
    return Written::kFine;
}

void FormatWriter::write_import(const Import& import) {
    write("import ");
    Comments none;
    if (future_word(import).empty()) {
        write_reference(import.path->terms, none);
    } else {
        // A word of the future is no keyword on its own way in.
        FormatWriter plain(arena_, FormatState{});
        plain.write_reference(import.path->terms, none);
        write(plain.out_);
    }
    if (!import.alias.empty()) write(fmt::format(" as {}", import.alias));
}

// Groups as the source has them, each in order.
Written FormatWriter::write_imports(std::vector<Import*> imports, Comments& comments) {
    if (imports.empty()) return Written::kFine;
    std::unordered_map<std::uint32_t, Import*> by_row;
    for (Import* import : imports) by_row.emplace(import->location->row, import);
    std::unordered_map<const Import*, const Comment*> at_end;
    std::vector<Comment*> left;
    for (Comment* comment : comments) {
        const auto found = by_row.find(comment->location->row);
        if (found == by_row.end()) {
            left.push_back(comment);
        } else {
            at_end[found->second] = comment;
        }
    }
    comments = keep_pointers(left, arena_);
    for (std::size_t begin = 0; begin < imports.size();) {
        std::size_t end = begin + 1;
        while (end < imports.size() &&
               row_of(imports[end]->location) - row_of(imports[end - 1]->location) <= 1)
            ++end;
        const Written written = insert_comments(comments, row_of(imports[begin]->location));
        if (written != Written::kFine) return written;
        std::vector<Import*> group(imports.begin() + static_cast<std::ptrdiff_t>(begin),
                                   imports.begin() + static_cast<std::ptrdiff_t>(end));
        std::ranges::stable_sort(group, [](const Import* one, const Import* other) {
            return compare(*one, *other) < 0;
        });
        for (const Import* import : group) {
            start_line();
            write_import(*import);
            const auto comment = at_end.find(import);
            if (comment != at_end.end()) write(fmt::format(" #{}", comment->second->text));
            end_line();
        }
        blank_line();
        begin = end;
    }
    return Written::kFine;
}

void FormatWriter::write_rules(std::span<Rule* const> rules, Comments& comments) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        Rule& rule = *rules[i];
        insert_comments(comments, row_of(rule.location));
        write_rule(rule, RuleKind::kFirst, comments);
        const bool is_grouped = i + 1 < rules.size() && is_groupable(rule) &&
                                is_groupable(*rules[i + 1]) &&
                                row_of(rules[i + 1]->location) == row_of(rule.location) + 1;
        if (!is_grouped) blank_line();
    }
}

Formatted format_source(std::string_view source, const FormatOptions& options) {
    Arena arena;
    Interner interner;
    ParseOptions parse = options.parse;
    parse.version =
        options.version == RegoVersion::kV0CompatibleV1 ? RegoVersion::kV0 : options.version;
    const ParsedModule parsed = parse_module(source, arena, interner, parse);
    if (parsed.module == nullptr) return {.text = {}, .errors = parsed.errors};
    return format_module(*parsed.module, options, arena, interner);
}

Formatted format_module(Module& module, const FormatOptions& options, Arena& arena,
                        Interner& interner) {
    Formatted formatted;
    if (options.version != RegoVersion::kV0) {
        check_module_of_v1(module, {.layout = Layout::kAnything}, formatted.errors);
        if (!formatted.errors.empty()) return formatted;
    }
    FormatState state = state_of(module, options.version);
    state.quotes_keywords = options.keywords_in_paths == KeywordsInPaths::kInBrackets;
    Preparation preparation(arena);
    for (Rule* rule : module.rules) walk(*rule, preparation);
    const std::vector<Import*> imports =
        ImportList(module, arena, interner).settle(options, preparation.words);
    module.imports = keep_pointers(imports, arena);
    FormatWriter writer(arena, state);
    writer.write_module(module);
    formatted.errors = writer.errors();
    formatted.failed_while_formatting = !formatted.errors.empty();
    if (formatted.errors.empty()) formatted.text = std::move(writer).finish();
    return formatted;
}

namespace {

Formatted finished(FormatWriter writer, const Preparation& preparation) {
    Formatted made;
    made.errors = writer.errors();
    made.failed_while_formatting = !made.errors.empty();
    // Trees that were made have no places.
    for (SyntaxError& error : made.errors) error.row = error.column = 0;
    if (made.errors.empty()) {
        made.text = std::move(writer).finish();
    } else {
        made.wrong_place = preparation.wrong_place;
    }
    return made;
}

}  // namespace

Formatted format_made(Body query, Arena& arena) {
    Preparation preparation(arena, Preparation::Places::kDropped);
    walk(query, preparation);
    FormatState state = state_of(Module{}, RegoVersion::kV1);
    state.quotes_keywords = true;
    FormatWriter writer(arena, state);
    writer.write_query(query);
    return finished(std::move(writer), preparation);
}

Formatted format_made(Module& module, RegoVersion version, Arena& arena, Interner& interner,
                      MadeComprehensions comprehensions) {
    using Places = Preparation::Places;
    const bool is_placed = comprehensions == MadeComprehensions::kAsPlaced;
    Preparation preparation(arena, is_placed ? Places::kDroppedButLinesOfBodies : Places::kDropped);
    module.package->location = preparation.make_nowhere();
    for (Rule* rule : module.rules) {
        rule->location = preparation.make_nowhere();
        // Not that of its value: what was written once would be left out.
        rule->head->location = preparation.make_nowhere();
        for (Term* part : rule->head->reference) walk(*part, preparation);
        walk(*rule, preparation);
    }
    // What was made is read by others as well, some of whom know of no keywords in paths.
    FormatState state = state_of(module, version);
    state.quotes_keywords = true;
    const std::vector<Import*> imports =
        ImportList(module, arena, interner).settle({.version = version}, preparation.words);
    module.imports = keep_pointers(imports, arena);
    FormatWriter writer(arena, state);
    writer.write_module(module);
    return finished(std::move(writer), preparation);
}

}  // namespace merlon::rego::syntax
