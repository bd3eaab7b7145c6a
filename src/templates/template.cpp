#include "templates/template.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "templates/template_arguments.h"
#include "templates/template_functions.h"
#include "templates/template_tree.h"
#include "templates/template_value.h"

namespace merlon::templates {
namespace {

using Node = Template::Node;
using Term = TemplateTerm;

constexpr std::int64_t kMaxRounds = 1'000'000;
constexpr std::uint64_t kStepsToSpend = 1 << 10;
constexpr std::size_t kBytesOfStep = 256;
constexpr std::size_t kMaxOutputBytes = std::size_t{1} << 30;

class Renderer {
  public:
    Renderer(const Template::Parsed& parsed, Timestamp now, std::uint64_t max_steps,
             const Template::Spend& spend, std::string& out)
        : parsed_(parsed),
          now_(now),
          steps_left_(max_steps),
          spend_(spend),
          out_(out),
          out_begin_(out.size()) {}

    Status run(const Node& node, const TemplateValue& dot) {
        if (steps_left_ == 0) return Error{"template: goes on for too long"};
        --steps_left_;
        MERLON_TRY(spend(1));
        switch (node.kind) {
            case Node::Kind::kText:
                return show_text(node.text);
            case Node::Kind::kList:
                return all(node.body, dot);
            case Node::Kind::kPrint: {
                TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
                if (node.variables.empty()) return show(value);
                if (node.assigns) return assign(node.variables[0], std::move(value));
                set(node.variables[0], std::move(value));
                return {};
            }
            case Node::Kind::kTemplate:
                return show_named(node, dot);
            case Node::Kind::kBreak:
            case Node::Kind::kContinue:
                leaving_ = node.kind == Node::Kind::kBreak ? Leaving::kLoop : Leaving::kRound;
                return {};
            case Node::Kind::kIf:
            case Node::Kind::kWith:
                return branch(node, dot);
            case Node::Kind::kRange:
                return loop(node, dot);
        }
        return {};
    }

    void set(const std::string& name, TemplateValue value) {
        variables_.emplace_back(name, std::move(value));
    }

  private:
    enum class Leaving : std::uint8_t { kNothing, kRound, kLoop };  // by continue, by break

    // What is no node takes its time as well: rounds, and the bytes of what is copied or shown.
    Status spend(std::uint64_t steps) {
        if (!spend_) return {};
        unspent_ += steps;
        if (unspent_ < kStepsToSpend) return {};
        if (spend_(std::exchange(unspent_, 0))) return {};
        return Error{"template: ended by who asked for it"};
    }

    Status show_text(std::string_view text) {
        MERLON_TRY(spend(text.size() / kBytesOfStep));
        out_ += text;
        if (out_.size() - out_begin_ <= kMaxOutputBytes) return {};
        return Error{"template: the report is larger than 1 GiB"};
    }

    Status show(const TemplateValue& value) {
        if (const auto* text = value.as<std::string>()) return show_text(*text);
        if (holds_record(value)) {
            return Error{
                "template: to print a whole record is not supported; name the fields, or use "
                "toJson"};
        }
        const std::string text = template_text(value);
        if (text.size() > kMaxMadeBytes) return too_large();
        return show_text(text);
    }

    Status all(const std::vector<Node>& nodes, const TemplateValue& dot) {
        // Blocks in templates in templates.
        if (nesting_ == kMaxNesting) return Error{"template: nested too deeply"};
        ++nesting_;
        Status status = each(nodes, dot);
        --nesting_;
        return status;
    }

    Status each(const std::vector<Node>& nodes, const TemplateValue& dot) {
        const std::size_t scope = variables_.size();
        for (const Node& node : nodes) {
            if (Status status = run(node, dot); !status.ok()) return status;
            if (leaving_ != Leaving::kNothing) break;
        }
        variables_.resize(scope);
        return {};
    }

    Status branch(const Node& node, const TemplateValue& dot) {
        const TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
        const std::size_t scope = variables_.size();
        if (!node.variables.empty() && node.assigns) MERLON_TRY(assign(node.variables[0], value));
        if (!node.variables.empty() && !node.assigns) set(node.variables[0], value);
        const bool inner = node.kind == Node::Kind::kWith;
        Status status =
            template_truth(value) ? all(node.body, inner ? value : dot) : all(node.otherwise, dot);
        variables_.resize(scope);
        return status;
    }

    Status loop(const Node& node, const TemplateValue& dot) {
        const TemplateValue value = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
        // Key and value of each round.
        std::vector<std::pair<TemplateValue, TemplateValue>> rounds;
        if (const auto* list = value.as<TemplateList>()) MERLON_TRY(spend(list->size()));
        if (const auto* dict = value.as<TemplateDict>()) {
            MERLON_TRY(spend((*dict)->entries().size() + (*dict)->bytes() / kBytesOfStep));
        }
        if (const auto* list = value.as<TemplateList>()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                rounds.emplace_back(static_cast<std::int64_t>(i), (*list)[i]);
        } else if (const auto* dict = value.as<TemplateDict>()) {
            for (const auto& [key, entry] : (*dict)->entries()) rounds.emplace_back(key, entry);
        } else if (const auto* count = value.as<std::int64_t>()) {
            if (*count > kMaxRounds) return Error{"template: range goes on for too long"};
            for (std::int64_t i = 0; i < *count; ++i) rounds.emplace_back(i, i);
        } else if (value.as<std::monostate>() == nullptr) {
            return Error{"template: range can't iterate over " + template_text(value)};
        }
        // "=": the variables are there, and are the list before the first round.
        for (const std::string& name : node.variables) {
            if (node.assigns) MERLON_TRY(assign(name, value));
        }
        if (rounds.empty()) return all(node.otherwise, dot);
        for (const auto& [key, entry] : rounds) {
            MERLON_TRY(spend(1));
            const std::size_t scope = variables_.size();
            const std::size_t names = node.variables.size();
            if (node.assigns) {
                if (names == 2) MERLON_TRY(assign(node.variables[0], key));
                if (names > 0) MERLON_TRY(assign(node.variables[names - 1], entry));
            } else {
                if (names == 2) set(node.variables[0], key);
                if (names > 0) set(node.variables[names - 1], entry);
            }
            if (Status status = all(node.body, entry); !status.ok()) return status;
            variables_.resize(scope);
            if (std::exchange(leaving_, Leaving::kNothing) == Leaving::kLoop) break;
        }
        return {};
    }

    Status show_named(const Node& node, const TemplateValue& dot) {
        const auto named = parsed_.defined.find(node.text);
        if (named == parsed_.defined.end())
            return Error{"template: template \"" + node.text + "\" not defined"};
        const TemplateValue argument = MERLON_TRY(evaluate(node.pipeline, dot, nullptr));
        if (++depth_ > kMaxTemplateDepth)
            return Error{"template: templates show each other without end"};
        std::vector<std::pair<std::string, TemplateValue>> outer = std::move(variables_);
        variables_.clear();
        set("$", argument);
        const Status status = run(named->second, argument);
        variables_ = std::move(outer);
        --depth_;
        return status;
    }

    Status assign(const std::string& name, TemplateValue value) {
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
            if (it->first != name) continue;
            it->second = std::move(value);
            return {};
        }
        return Error{"template: undefined variable \"" + name + "\""};
    }

    // `and` and `or` stop at the argument that decides.
    Result<TemplateValue> decide(const Term& term, const TemplateValue& dot,
                                 const TemplateValue* piped) {
        const bool wanted = term.name == "or";
        TemplateValue last;
        for (const Term& part : term.parts) {
            last = MERLON_TRY(evaluate(part, dot, nullptr));
            if (template_truth(last) == wanted) return last;
        }
        if (piped != nullptr) return *piped;
        if (term.parts.empty())
            return Error{"template: wrong number of arguments for " + term.name};
        return last;
    }

    // `piped`: what the pipeline hands on, the last argument of a call.
    Result<TemplateValue> evaluate(const Term& term, const TemplateValue& dot,
                                   const TemplateValue* piped) {
        if (piped != nullptr && term.kind != Term::Kind::kCall) {
            return Error{"template: what is no function or method has arguments"};
        }
        TemplateValue value;
        switch (term.kind) {
            case Term::Kind::kLiteral:
                value = term.literal;
                break;
            case Term::Kind::kDot:
                value = dot;
                break;
            case Term::Kind::kVariable:
                value = MERLON_TRY(variable(term.name));
                break;
            case Term::Kind::kPipeline:
                for (std::size_t i = 0; i < term.parts.size(); ++i) {
                    const TemplateValue before = std::move(value);
                    value = MERLON_TRY(evaluate(term.parts[i], dot, i == 0 ? nullptr : &before));
                }
                break;
            case Term::Kind::kCall: {
                if (term.name == "and" || term.name == "or") return decide(term, dot, piped);
                TemplateList arguments;
                for (const Term& part : term.parts)
                    arguments.push_back(MERLON_TRY(evaluate(part, dot, nullptr)));
                if (piped != nullptr) arguments.push_back(*piped);
                return call(term.name, arguments);
            }
        }
        bool is_absent = false;  // of what is not there, nothing is there either
        for (const std::string& field : term.fields) {
            if (is_absent) continue;
            const auto* dict = value.as<TemplateDict>();
            const bool has_it = dict == nullptr || (*dict)->entries().contains(field);
            value = MERLON_TRY(template_field(value, field));
            is_absent = !has_it && value.as<std::monostate>() != nullptr;
        }
        MERLON_TRY(spend(value_bytes(value) / kBytesOfStep));
        return value;
    }

    Result<TemplateValue> call(const std::string& name, const TemplateList& arguments) const {
        const auto own = parsed_.own.find(name);
        if (own == parsed_.own.end()) return call_template_function(name, arguments, now_);
        if (arguments.size() != own->second.arguments)
            return Error{"template: wrong number of arguments for " + name};
        return own->second.run(arguments);
    }

    Result<TemplateValue> variable(const std::string& name) const {
        for (auto it = variables_.rbegin(); it != variables_.rend(); ++it)
            if (it->first == name) return it->second;
        return Error{"template: undefined variable \"" + name + "\""};
    }

    static constexpr int kMaxNesting = 512;

    const Template::Parsed& parsed_;
    Timestamp now_;
    std::uint64_t steps_left_;
    const Template::Spend& spend_;
    std::string& out_;
    std::size_t out_begin_;
    std::vector<std::pair<std::string, TemplateValue>> variables_;
    Leaving leaving_ = Leaving::kNothing;
    std::uint64_t unspent_ = 0;
    int depth_ = 0;    // of templates in templates
    int nesting_ = 0;  // of blocks, in all of these
};

}  // namespace

Result<Template> Template::parse(std::string_view text, OwnFunctions own, CommonFunctions common) {
    Template made;
    made.parsed_ =
        std::make_shared<const Parsed>(MERLON_TRY(parse_template(text, std::move(own), common)));
    return made;
}

bool Template::is_unsupported(const Error& error) {
    return error.message.find("not supported") != std::string::npos;
}

Status Template::render(const TemplateValue& dot, Timestamp now, std::string& out,
                        std::uint64_t max_steps, const Spend& spend) const {
    Renderer renderer(*parsed_, now, max_steps, spend, out);
    renderer.set("$", dot);
    return renderer.run(parsed_->root, dot);
}

}  // namespace merlon::templates
