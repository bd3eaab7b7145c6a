#include "rego/syntax/annotations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rego/syntax/annotation_types.h"
#include "rego/syntax/copy.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/print.h"
#include "rego/syntax/walk.h"
#include "text/yaml.h"

namespace merlon::rego::syntax {
namespace {

using value::Value;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\n\v\f";
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// One block: its heading and the comments that belong to it.
struct Block {
    Comment* heading;
    std::span<Comment* const> lines;
};

std::vector<Block> find_blocks(std::span<Comment* const> comments) {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < comments.size(); ++i) {
        if (!is_metadata(*comments[i])) continue;
        std::size_t end = i + 1;
        while (end < comments.size() && comments[end]->location->column == 1 &&
               comments[end]->location->row == comments[end - 1]->location->row + 1 &&
               !is_metadata(*comments[end]))
            ++end;
        blocks.push_back({comments[i], comments.subspan(i + 1, end - i - 1)});
    }
    return blocks;
}

struct YamlProblem {
    std::size_t line;
    std::string message;
};

// The reader's complaint as go-yaml has it.
YamlProblem yaml_problem(const Error& error, const text::GoYamlFailure& failure,
                         std::string_view yaml) {
    constexpr std::string_view kTwice = "' stands twice in this mapping";
    constexpr std::string_view kKey = "the key '";
    std::size_t line = error.line;
    std::string_view message = error.message;
    if (message.starts_with("YAML: ")) message.remove_prefix(6);
    if (!message.starts_with(kKey) || !message.ends_with(kTwice)) {
        if (failure.problem.empty()) return {line, fmt::format("yaml: line {}: {}", line, message)};
        if (failure.line == 0) return {0, "yaml: " + failure.problem};
        return {failure.line, fmt::format("yaml: line {}: {}", failure.line, failure.problem)};
    }
    const std::string_view key =
        message.substr(kKey.size(), message.size() - kKey.size() - kTwice.size());
    std::size_t first = 1;
    for (std::size_t begin = 0; begin < yaml.size(); ++first) {
        const std::size_t end = std::min(yaml.find('\n', begin), yaml.size());
        if (trim(yaml.substr(begin, end - begin)).starts_with(std::string(key) + ":")) break;
        begin = end + 1;
    }
    return {line, fmt::format("yaml: unmarshal errors:\n  line {}: mapping key \"{}\" already "
                              "defined at line {}",
                              line, key, first)};
}

// What OPA guesses beside a YAML error: a colon without a space behind it.
std::string separator_hints(std::span<Comment* const> lines) {
    std::string hints;
    for (const Comment* line : lines) {
        std::vector<std::string> symbols;
        std::string_view text = line->text;
        for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
             colon = text.find(':')) {
            text.remove_prefix(colon + 1);
            if (text.empty() || text.front() == ' ' || text.front() == '\t') break;
            symbols.push_back(go_quoted_rune(text));
        }
        if (symbols.empty()) continue;
        hints += fmt::format(
            "\n  Hint: on line {}, symbol(s) [{}] immediately following a "
            "key/value separator ':' is not a legal yaml space character",
            line->location->row, fmt::join(symbols, " "));
    }
    return hints;
}

// Reads one block's YAML into Annotations; a failure's message goes to the module's errors.
class BlockReader {
  public:
    BlockReader(Arena& arena, Interner& interner) : arena_(arena), interner_(interner) {}

    Result<Annotations*> read(const Block& block, Location*& place);

  private:
    Result<const Value*> read_yaml(const Block& block, const std::string& yaml, Location*& place);
    Status read_field(std::string_view key, const Value& value);
    std::string_view text_of(const Value& value);
    Status read_entrypoint(const Value& value);
    Status read_organizations(const Value& value);
    Status read_related(const Value& value);
    Status read_authors(const Value& value);
    Status read_schemas(const Value& value);
    Status read_compile(const Value& value);
    Result<Author> author_of(const Value& value);
    Author author_of(std::string_view text);
    Result<Terms> reference_of(std::string_view text);
    Result<Terms> schema_of(std::string_view text);

    template <typename T>
    std::span<const T> keep(const std::vector<T>& elements) {
        return arena_.copy(std::span<const T>(elements));
    }
    std::string_view keep(std::string_view text) { return arena_.copy(text); }
    static std::string_view member(const Value& value, std::string_view key) {
        const Value* const found = value.find(key);
        return found != nullptr && found->is_string() ? trim(found->as_string())
                                                      : std::string_view{};
    }

    Arena& arena_;
    Interner& interner_;
    Annotations* annotations_ = nullptr;
    std::string yaml_;  // of the block, and what it says
    value::ValueDocument document_;
};

Result<const Value*> BlockReader::read_yaml(const Block& block, const std::string& yaml,
                                            Location*& place) {
    // go-yaml refuses a key that stands twice.
    text::GoYamlFailure failure;
    auto documents = text::read_yaml(yaml, arena_, interner_,
                                     {.duplicate_keys = text::DuplicateKeys::kRefuse,
                                      .spans = text::KeepSpans::kYes,
                                      .documents = text::YamlDocuments::kFirst,
                                      .go_failure = &failure});
    // The line is counted from 1, and the places from 0: it is the one behind that is told.
    const auto place_of = [&block](std::size_t line) {
        return block.lines[std::min(line, block.lines.size() - 1)]->location;
    };
    if (!documents.ok()) {
        const YamlProblem problem = yaml_problem(documents.error(), failure, yaml);
        place = place_of(problem.line);
        return Error{problem.message + separator_hints(block.lines)};
    }
    static constexpr Value kNothing;
    if (documents.value().empty()) return &kNothing;
    const auto wrong = find_annotation_type_errors(documents.value().front(), yaml);
    if (wrong.empty()) {
        document_ = std::move(documents.value().front());
        return document_.root;
    }
    std::string message = "yaml: unmarshal errors:";
    for (const AnnotationTypeError& one : wrong) {
        message += fmt::format("\n  line {}: {}", one.line, one.message);
    }
    place = place_of(wrong.front().line);
    return Error{message + separator_hints(block.lines)};
}

Result<Annotations*> BlockReader::read(const Block& block, Location*& place) {
    std::string yaml;
    for (const Comment* line : block.lines) {
        std::string_view text = line->text;
        if (text.starts_with(' ')) text.remove_prefix(1);
        yaml.append(text).push_back('\n');
    }
    if (trim(yaml).empty()) return Error{"expected METADATA block, found whitespace"};
    const Value* const root = MERLON_TRY(read_yaml(block, yaml, place));
    yaml_ = yaml;
    annotations_ = arena_.make<Annotations>();
    if (root->is_object()) {
        for (std::size_t i = 0; i < root->size(); ++i) {
            if (!root->keys()[i].is_string()) continue;
            const Status is_fine = read_field(root->keys()[i].as_string(), root->values()[i]);
            if (!is_fine.ok()) return is_fine.error();
        }
    }
    std::string original = "# METADATA\n";
    yaml.pop_back();
    for (std::size_t begin = 0; begin <= yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', begin), yaml.size());
        original.append("# ").append(yaml, begin, end - begin + 1);
        begin = end + 1;
    }
    place->text = keep(original);
    annotations_->location = place;
    return annotations_;
}

// What is no text, truth or number was refused before, and so for all fields below.
std::string_view BlockReader::text_of(const Value& value) {
    if (value.is_string()) return keep(value.as_string());
    if (value.is_number()) return keep(value.number_text());
    return value.is_boolean() ? value.as_boolean() ? "true" : "false" : "";
}

Status BlockReader::read_field(std::string_view key, const Value& value) {
    struct TextField {
        std::string_view key;
        std::string_view Annotations::* field;
    };
    static constexpr TextField kTexts[] = {{"scope", &Annotations::scope},
                                           {"title", &Annotations::title},
                                           {"description", &Annotations::description}};
    for (const TextField& field : kTexts) {
        if (field.key != key) continue;
        annotations_->*field.field = text_of(value);
        return {};
    }
    struct Field {
        std::string_view key;
        Status (BlockReader::*read)(const Value&);
    };
    static constexpr Field kFields[] = {{"entrypoint", &BlockReader::read_entrypoint},
                                        {"organizations", &BlockReader::read_organizations},
                                        {"related_resources", &BlockReader::read_related},
                                        {"authors", &BlockReader::read_authors},
                                        {"schemas", &BlockReader::read_schemas},
                                        {"compile", &BlockReader::read_compile}};
    for (const Field& field : kFields) {
        if (field.key == key && !value.is_null()) return (this->*field.read)(value);
    }
    if (key != "custom" && key != "labels") return {};
    if (value.is_null()) return {};
    value::Builder values(arena_, interner_);
    (key == "custom" ? annotations_->custom : annotations_->labels) =
        arena_.make<Value>(as_go_has_it(value, document_, yaml_, values));
    return {};
}

Status BlockReader::read_entrypoint(const Value& value) {
    annotations_->is_entrypoint =
        value.is_boolean() ? value.as_boolean() : truth_of_word(value.as_string()) == 1;
    return {};
}

Status BlockReader::read_organizations(const Value& value) {
    std::vector<std::string_view> names;
    for (const Value& item : value.items()) names.push_back(text_of(item));
    annotations_->organizations = keep(names);
    return {};
}

Status BlockReader::read_related(const Value& value) {
    std::vector<RelatedResource> resources;
    for (const Value& item : value.items()) {
        std::string_view problem;
        RelatedResource resource;
        if (item.is_string()) {
            resource.reference = keep(item.as_string());
            if (resource.reference.empty()) problem = "ref URL may not be empty string";
        } else if (item.is_object()) {
            resource = {keep(member(item, "ref")), keep(member(item, "description"))};
            if (resource.reference.empty()) problem = "'ref' value required in object";
        } else {
            problem = "invalid value type, must be string or map";
        }
        if (!problem.empty())
            return Error{
                fmt::format("invalid related-resource definition {}: {}", go_shown(item), problem)};
        resources.push_back(resource);
    }
    annotations_->related_resources = keep(resources);
    return {};
}

// "Jane Doe <jane@example.com>": the last word is an address where it stands in angle brackets.
Author BlockReader::author_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!(text = trim(text)).empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n\v\f"), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    Author author;
    if (words.empty()) return author;
    const std::string_view last = words.back();
    if (last.size() >= 2 && last.starts_with('<') && last.ends_with('>')) {
        author.email = keep(last.substr(1, last.size() - 2));
        words.pop_back();
    }
    author.name = keep(fmt::format("{}", fmt::join(words, " ")));
    return author;
}

Result<Author> BlockReader::author_of(const Value& value) {
    if (value.is_string()) {
        if (trim(value.as_string()).empty()) return Error{"author is an empty string"};
        return author_of(value.as_string());
    }
    if (!value.is_object()) return Error{"invalid value type, must be string or map"};
    const Author author{keep(member(value, "name")), keep(member(value, "email"))};
    if (author.name.empty() && author.email.empty())
        return Error{"'name' and/or 'email' values required in object"};
    return author;
}

Status BlockReader::read_authors(const Value& value) {
    std::vector<Author> authors;
    for (const Value& item : value.items()) {
        const Result<Author> author = author_of(item);
        if (!author.ok())
            return Error{fmt::format("invalid author definition {}: {}", go_shown(item),
                                     author.error().message)};
        authors.push_back(author.value());
    }
    annotations_->authors = keep(authors);
    return {};
}

Result<Terms> BlockReader::reference_of(std::string_view text) {
    const Term* const term = MERLON_TRY(parse_reference(text, arena_, interner_));
    return term->terms;
}

Result<Terms> BlockReader::schema_of(std::string_view text) {
    const Result<Term*> term = parse_term(text, arena_, interner_);
    if (term.ok()) {
        Term* root = term.value();
        if (is_variable(*root, "schema")) return keep_pointers({root}, arena_);
        if (root->kind == TermKind::kReference && is_variable(*root->terms[0], "schema"))
            return root->terms;
    }
    return Error{"invalid schema reference"};
}

Status BlockReader::read_schemas(const Value& value) {
    std::vector<SchemaAnnotation> schemas;
    for (const Value& item : value.items()) {
        const bool has_path = item.is_object() && item.size() > 0 && item.keys()[0].is_string();
        const std::string_view path = has_path ? item.keys()[0].as_string() : std::string_view{};
        const Result<Terms> reference = reference_of(path);
        if (!reference.ok()) return Error{"invalid document reference"};
        SchemaAnnotation schema{.path = reference.value()};
        const Value& meaning = item.values()[0];
        if (meaning.is_string()) {
            schema.schema = MERLON_TRY(schema_of(meaning.as_string()));
        } else if (meaning.is_object()) {
            schema.definition = &meaning;
        } else {
            return Error{fmt::format("invalid schema declaration for path \"{}\"", path)};
        }
        schemas.push_back(schema);
    }
    annotations_->schemas = keep(schemas);
    return {};
}

Status BlockReader::read_compile(const Value& value) {
    auto* const compile = arena_.make<CompileAnnotation>();
    if (const Value* unknowns = value.find("unknowns");
        unknowns != nullptr && unknowns->is_array()) {
        compile->unknowns = arena_.make_array<Terms>(unknowns->size());
        for (std::size_t i = 0; i < unknowns->size(); ++i) {
            const Value& unknown = unknowns->items()[i];
            if (!unknown.is_string()) continue;
            const Result<Terms> reference = reference_of(unknown.as_string());
            if (!reference.ok())
                return Error{fmt::format("invalid unknowns element \"{}\": {}", unknown.as_string(),
                                         reference.error().message)};
            compile->unknowns[i] = reference.value();
        }
    }
    if (const Value* mask = value.find("mask_rule"); mask != nullptr && mask->is_string()) {
        const Result<Term*> term = parse_term(mask->as_string(), arena_, interner_);
        if (!term.ok())
            return Error{fmt::format("invalid mask_rule annotation \"{}\": {}", mask->as_string(),
                                     term.error().message)};
        Term* rule = term.value();
        if (rule->kind == TermKind::kReference) {
            compile->mask_rule = rule->terms;
        } else if (rule->kind == TermKind::kVariable || rule->kind == TermKind::kString) {
            compile->mask_rule = keep_pointers({rule}, arena_);
        } else {
            return Error{
                fmt::format("invalid mask_rule annotation type \"{}\": string", mask->as_string())};
        }
    }
    annotations_->compile = compile;
    return {};
}

SyntaxError error_at(const Location& location, std::string message) {
    return {.message = std::move(message), .row = location.row, .column = location.column};
}

std::string_view name(AnnotationTarget target) {
    switch (target) {
        case AnnotationTarget::kNothing:
            return "";
        case AnnotationTarget::kPackage:
            return "package";
        case AnnotationTarget::kImport:
            return "import";
        case AnnotationTarget::kRule:
            return "rule";
    }
    return "";
}

// What stands first below each row.
class StatementsBelow {
  public:
    explicit StatementsBelow(const Module& module) {
        add(module.package->location, AnnotationTarget::kPackage, nullptr);
        for (const Import* import : module.imports)
            add(import->location, AnnotationTarget::kImport, nullptr);
        for (const Rule* rule : module.rules) add(rule->location, AnnotationTarget::kRule, rule);
        std::ranges::stable_sort(entries_, {}, &Entry::row);
    }

    void give(Annotations& annotations) const {
        const auto found =
            std::ranges::upper_bound(entries_, annotations.location->row, {}, &Entry::row);
        if (found == entries_.end()) return;
        annotations.target = found->target;
        annotations.rule = found->rule;
    }

  private:
    struct Entry {
        std::uint32_t row;
        AnnotationTarget target;
        const Rule* rule;
    };
    void add(const Location* location, AnnotationTarget target, const Rule* rule) {
        if (location != nullptr) entries_.push_back({location->row, target, rule});
    }
    std::vector<Entry> entries_;
};

void check_scope(const Annotations& annotations, std::vector<SyntaxError>& errors) {
    const std::string_view scope = annotations.scope;
    const bool is_for_rule = scope == "rule" || scope == "document";
    if (!is_for_rule && scope != "package" && scope != "subpackages") {
        errors.push_back(
            error_at(*annotations.location,
                     fmt::format("invalid annotation scope '{}'. Use one of 'rule', 'document', "
                                 "'package', or 'subpackages'",
                                 scope)));
    } else if (annotations.target !=
               (is_for_rule ? AnnotationTarget::kRule : AnnotationTarget::kPackage)) {
        const std::string have = annotations.target == AnnotationTarget::kNothing
                                     ? ""
                                     : fmt::format(" (have {})", name(annotations.target));
        errors.push_back(error_at(*annotations.location,
                                  fmt::format("annotation scope '{}' must be applied to {}{}",
                                              scope, is_for_rule ? "rule" : "package", have)));
    }
    if (annotations.is_entrypoint && scope != "document" && scope != "package") {
        errors.push_back(error_at(
            *annotations.location,
            fmt::format("annotation entrypoint applied to non-document or package scope '{}'",
                        scope)));
    }
}

std::string path_of(const Rule& rule) {
    Terms reference = rule.head->reference;
    std::size_t ground = 1;
    while (ground < reference.size() && is_ground(*reference[ground])) ++ground;
    return to_text(reference.first(std::min(ground, reference.size())));
}

// The annotations of one path, waiting for its rules.
struct PathGroup {
    std::vector<std::size_t> of_document;
    std::vector<std::size_t> of_rules;  // by row
    std::size_t next = 0;
    std::vector<std::size_t> pending;  // above the current rule and not yet taken
};

// Each rule gets its path's document annotations, and of those for rules above it all that are not
// taken yet, of which it takes the last.
void give_to_rules(Module& module, Arena& arena) {
    const auto all = module.annotations;
    std::map<std::string, PathGroup> groups;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i]->target != AnnotationTarget::kRule) continue;
        PathGroup& group = groups[path_of(*all[i]->rule)];
        if (all[i]->scope == "document") group.of_document.push_back(i);
        if (all[i]->scope == "rule") group.of_rules.push_back(i);
    }
    if (groups.empty()) return;
    const auto row_of = [&](std::size_t i) { return all[i]->location->row; };
    for (auto& [path, group] : groups) std::ranges::stable_sort(group.of_rules, {}, row_of);
    for (Rule* rule : module.rules) {
        const auto found = groups.find(path_of(*rule));
        if (found == groups.end()) continue;
        PathGroup& group = found->second;
        for (; group.next < group.of_rules.size() &&
               row_of(group.of_rules[group.next]) < rule->location->row;
             ++group.next)
            group.pending.push_back(group.of_rules[group.next]);
        std::ranges::sort(group.pending);
        std::vector<std::size_t> given;
        std::ranges::merge(group.of_document, group.pending, std::back_inserter(given));
        rule->annotations = arena.make_array<const Annotations*>(given.size());
        for (std::size_t i = 0; i < given.size(); ++i) rule->annotations[i] = all[given[i]];
        if (!group.pending.empty()) group.pending.pop_back();
    }
}

}  // namespace

bool is_metadata(const Comment& comment) {
    return comment.location->column == 1 && trim(comment.text).starts_with("METADATA");
}

// In parser_state.h, which this file does not need otherwise.
SyntaxError make_syntax_error(std::string_view source, std::string_view message,
                              const Location& location);

std::vector<Annotations*> read_annotations(std::span<Comment* const> comments,
                                           std::string_view source, Arena& arena,
                                           Interner& interner, std::vector<SyntaxError>& errors) {
    std::vector<Annotations*> found;
    BlockReader reader(arena, interner);
    for (const Block& block : find_blocks(comments)) {
        Location* place = block.heading->location;
        const Result<Annotations*> annotations = reader.read(block, place);
        if (annotations.ok()) {
            found.push_back(annotations.value());
        } else {
            errors.push_back(make_syntax_error(source, annotations.error().message, *place));
        }
    }
    return found;
}

void attach_annotations(Module& module, Arena& arena, std::vector<SyntaxError>& errors) {
    if (module.annotations.empty()) return;
    const StatementsBelow below(module);
    for (Annotations* annotations : module.annotations) {
        below.give(*annotations);
        if (annotations->scope.empty()) {
            const bool is_for_document =
                annotations->target == AnnotationTarget::kRule && annotations->is_entrypoint;
            annotations->scope = is_for_document ? "document" : name(annotations->target);
        }
        check_scope(*annotations, errors);
    }
    if (errors.empty()) give_to_rules(module, arena);
}

}  // namespace merlon::rego::syntax
