#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/file.h"
#include "compat/opa/repl_session.h"
#include "rego/syntax/format.h"
#include "rego/syntax/literal.h"
#include "rego/syntax/print.h"
#include "rego/term.h"
#include "text/json.h"

// The words of a conversation that are no Rego.

namespace merlon::compat::opa {

using rego::syntax::Term;
using rego::syntax::TermKind;

namespace {

constexpr std::string_view kReplHelp = R"(
  STATEMENT              evaluate a query; x := 1 and p if { ... } define rules
  package PATH           change the package; what packages below repl.input say is the input
  import PATH            add an import
  show, show debug       show the module of the package, or what is switched on
  unset REFERENCE        remove the rules of that document
  unset-package PATH     forget a package
  json, pretty           the format of results
  pretty-limit N         cut values in tables behind N bytes; 0: never
  trace [WHAT]           show traces: full, fails, notes, debug, off; without a word on and off
  notes, fails           the same for notes and for failures
  metrics, profile       show times, and what each line took; again: not
  unknown [REFERENCE…]   evaluate with these documents not known; without one: as usual
  strict-builtin-errors  errors of built-ins end an evaluation; again: not
  dump [FILE]            the data that was loaded
  help                   this text
  exit                   end; so does the end of the input
)";

// In any spelling; the first word of a line is one of them, or the line is Rego.
constexpr std::string_view kReplWords[] = {
    "show",         "unset",      "unset-package", "json",    "pretty",
    "pretty-limit", "trace",      "notes",         "fails",   "metrics",
    "profile",      "instrument", "types",         "unknown", "strict-builtin-errors",
    "traceback",    "dump",       "help",          "target",  "exit"};

std::vector<std::string> split_line(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r\n\f\v";
    std::vector<std::string> fields;
    std::size_t at = line.find_first_not_of(kBlanks);
    while (at != std::string_view::npos) {
        const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
        fields.emplace_back(line.substr(at, end - at));
        at = line.find_first_not_of(kBlanks, end);
    }
    return fields;
}

std::string wrong_operands(std::string_view what) {
    return "code bad arguments: " + std::string(what);
}

std::string_view explain_name(Explain explain) {
    switch (explain) {
        case Explain::kNotes:
            return "notes";
        case Explain::kFails:
            return "fails";
        case Explain::kFull:
            return "full";
        case Explain::kDebug:
            return "debug";
        default:
            return "off";
    }
}

}  // namespace

ReplSession::Word ReplSession::word(std::string_view line) {
    std::vector<std::string> operands = split_line(line);
    if (operands.empty()) return Word::kNone;
    const std::string name = lower_case(operands[0]);
    if (std::ranges::find(kReplWords, name) == std::end(kReplWords)) return Word::kNone;
    operands.erase(operands.begin());
    if (name == "exit") return Word::kEnd;
    if (name == "help") {
        out_ += kReplHelp;
    } else if (name == "show") {
        show(operands);
    } else if (name == "unset") {
        unset(operands);
    } else if (name == "unset-package") {
        unset_package(operands);
    } else if (name == "json" || name == "pretty") {
        format_ = name;
    } else if (name == "pretty-limit") {
        set_limit(operands);
    } else if (name == "trace") {
        set_trace(operands);
    } else if (name == "notes" || name == "fails") {
        set_trace({name});
    } else if (name == "metrics") {
        shows_metrics_ = !shows_metrics_;
    } else if (name == "profile") {
        shows_profile_ = !shows_profile_;
    } else if (name == "unknown") {
        set_unknowns(operands);
    } else if (name == "strict-builtin-errors") {
        has_strict_errors_ = !has_strict_errors_;
    } else if (name == "dump") {
        dump(operands);
    } else if (name != "target" || operands.size() != 1 || operands[0] != "rego") {
        refuse("error: " + name + " is not served");
    }
    return Word::kTaken;
}

void ReplSession::set_trace(const std::vector<std::string>& operands) {
    Explain wanted = Explain::kFull;
    if (operands.size() == 1) {
        wanted = explain_of(operands[0]);
        if (wanted == Explain::kOff && operands[0] != "off") {
            refuse("invalid explain mode, expected one of: off, full, notes, fails, debug");
            return;
        }
    }
    explain_ = wanted == explain_ ? Explain::kOff : wanted;
}

void ReplSession::show(const std::vector<std::string>& operands) {
    if (!operands.empty()) {
        if (operands[0] != "debug") {
            refuse("unknown option '" + operands[0] + "'");
            return;
        }
        text::JsonWriter json(out_, "\t", text::JsonEscapes::kGo);
        json.begin_object().member("explain", explain_name(explain_));
        json.key("metrics").boolean(shows_metrics_).key("instrument").boolean(false);
        json.key("profile").boolean(shows_profile_);
        json.key("strict-builtin-errors").boolean(has_strict_errors_);
        json.key("traceback").boolean(false).end_object();
        out_ += "\n";
        return;
    }
    Said* const said = current();
    if (said == nullptr) {
        out_ += "no rules defined\n";
        return;
    }
    rego::syntax::Module module;
    module.package = said->package;
    module.imports = said->imports;
    module.rules = said->rules;
    module.version = module.latest_version = version_of(command_);
    const auto formatted =
        rego::syntax::format_module(module, {.version = module.version}, arena_, interner_);
    out_ += formatted.errors.empty() ? formatted.text
                                     : rego::syntax::to_string(formatted.errors, "") + "\n";
}

void ReplSession::unset(const std::vector<std::string>& operands) {
    if (operands.size() != 1) {
        refuse(wrong_operands("unset <ref>: expects exactly one argument"));
        return;
    }
    const auto term = rego::syntax::parse_term(operands[0], arena_, interner_);
    if (!term.ok()) {
        refuse(wrong_operands("argument must identify a rule"));
        return;
    }
    Term* name = term.value();
    rego::syntax::Terms reference(&name, 1);
    const auto is_constant = [](const Term* part) { return part->kind <= TermKind::kString; };
    if (name->kind == TermKind::kReference) {
        reference = name->terms;
        if (rego::syntax::is_root_document(*reference[0])) reference = reference.first(1);
    }
    if (reference[0]->kind != TermKind::kVariable ||
        !std::ranges::all_of(reference.subspan(1), is_constant)) {
        refuse(wrong_operands("arguments must identify a rule"));
        return;
    }
    Said* const said = current();
    const std::vector<rego::syntax::Rule*> before =
        said == nullptr ? std::vector<rego::syntax::Rule*>() : said->rules;
    if (!drop_rules(reference)) {
        out_ += "warning: no matching rules in current module\n";
    } else if (!still_compiles()) {
        said->rules = before;
    }
}

void ReplSession::unset_package(const std::vector<std::string>& operands) {
    if (operands.size() != 1) {
        refuse(wrong_operands("unset-package <var>: expects exactly one argument"));
        return;
    }
    const auto parsed = rego::syntax::parse_statements("package " + operands[0], arena_, interner_);
    if (parsed.statements.size() != 1 ||
        parsed.statements[0].kind != rego::syntax::StatementKind::kPackage) {
        refuse(wrong_operands("argument must identify a package"));
        return;
    }
    const std::string path = rego::syntax::to_text(parsed.statements[0].package->path);
    if (packages_.erase(path) == 0) out_ += "warning: no matching package\n";
    if (current_ == path) current_.clear();
}

void ReplSession::set_unknowns(const std::vector<std::string>& operands) {
    std::vector<const Term*> found;
    for (const std::string& text : operands) {
        const auto term = rego::syntax::parse_term(text, arena_, interner_);
        const bool is_known = term.ok() && (term.value()->kind == TermKind::kReference ||
                                            rego::syntax::is_root_document(*term.value()));
        if (!is_known) {
            found.clear();
            break;
        }
        found.push_back(term.value());
    }
    const bool is_wrong =
        found.size() != operands.size() || (operands.empty() && unknowns_.empty());
    if (is_wrong) {
        refuse(
            "usage: unknown <input/data reference> [<input/data reference> [...]] (hint: try "
            "'input')");
        return;
    }
    unknowns_ = std::move(found);
}

void ReplSession::set_limit(const std::vector<std::string>& operands) {
    if (operands.size() != 1) {
        refuse("usage: pretty-limit <n>");
        return;
    }
    const std::string& text = operands[0];
    std::int64_t limit = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (code != std::errc() || end != text.data() + text.size()) {
        refuse("strconv.ParseInt: parsing " + rego::syntax::go_quoted(text) + ": invalid syntax");
        return;
    }
    max_cell_ = static_cast<std::size_t>(std::max<std::int64_t>(limit, 0));
}

void ReplSession::dump(const std::vector<std::string>& operands) {
    std::string text;
    text::JsonWriter(text, {}, text::JsonEscapes::kGo).value(loader_.data());
    text += "\n";
    if (operands.empty()) {
        out_ += text;
        return;
    }
    const Status is_written = write_file_atomically(operands[0], text);
    if (!is_written.ok()) refuse(is_written.error().to_string());
}

}  // namespace merlon::compat::opa
