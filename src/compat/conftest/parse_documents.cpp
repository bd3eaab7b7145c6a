// XML, Dockerfiles and HCL 2: readers that know the format, and the shapes that conftest gives.

#include <cmath>

#include "compat/conftest/parsers.h"
#include "text/dockerfile.h"
#include "text/hcl.h"
#include "text/normal_form.h"
#include "text/utf8.h"
#include "text/xml.h"

namespace merlon::compat::conftest {
namespace {

using text::HclExpression;
using text::HclKind;
using value::Value;

// basgys/goxml2json: attributes are members that begin with "-"; an element without members is its
// text; several of one name are an array. Of mixed text it keeps the last piece.
Value xml_value(const text::XmlElement& element, value::Builder& values) {
    std::map<std::string, std::vector<Value>, std::less<>> members;
    for (const text::XmlAttribute& attribute : element.attributes) {
        members["-" + std::string(attribute.name)].push_back(values.string(attribute.value));
    }
    for (const text::XmlElement* child = element.first_child; child != nullptr;
         child = child->next) {
        members[std::string(child->name)].push_back(xml_value(*child, values));
    }
    if (members.empty()) return values.string(element.last_text);
    if (!element.last_text.empty()) {
        members["#content"].push_back(values.string(element.last_text));
    }
    std::vector<value::Builder::Entry> entries;
    for (const auto& [name, found] : members) {
        entries.emplace_back(values.key(name), found.size() == 1 ? found[0] : values.array(found));
    }
    return values.object(entries);
}

Value text_array(const std::vector<std::string>& texts, value::Builder& values) {
    std::vector<Value> items;
    for (const std::string& text : texts) {
        items.push_back(values.string(text::to_valid_utf8(text)));
    }
    return values.array(items);
}

// Digits without exponent or surplus zeros, as cty writes a number.
Result<std::string> plain_decimal(std::string_view text) {
    constexpr int kMaxExponent = 4'096;
    const std::size_t mark = text.find_first_of("eE");
    const int exponent = mark == std::string_view::npos
                             ? 0
                             : std::atoi(std::string(text.substr(mark + 1, 8)).c_str());
    if (std::abs(exponent) > kMaxExponent) return Error{"the number's exponent is too large"};
    std::string digits(text.substr(0, mark));
    const std::size_t dot = digits.find('.');
    int point = static_cast<int>(std::min(dot, digits.size())) + exponent;
    if (dot != std::string::npos) digits.erase(dot, 1);
    if (digits.find('.') != std::string::npos) return Error{"this is no number"};
    if (point <= 0) {
        digits.insert(0, static_cast<std::size_t>(1 - point), '0');
        point = 1;
    }
    if (static_cast<std::size_t>(point) > digits.size()) {
        digits.append(static_cast<std::size_t>(point) - digits.size(), '0');
    }
    std::string whole = digits.substr(0, static_cast<std::size_t>(point));
    std::string fraction = digits.substr(static_cast<std::size_t>(point));
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    fraction.resize(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? whole : whole + "." + fraction;
}

// tmccombs/hcl2json: literals are values, other expressions their source in "${…}"; a block's
// labels are objects in each other, and the block is one of an array.
class HclShape {
  public:
    HclShape(std::string_view source, Reading& reading)
        : source_(source), values_(reading.values) {}

    Result<Growing> body(const text::HclBody& body) {
        Growing made = Growing::object();
        for (const text::HclBlock* block : body.blocks) MERLON_TRY(add_block(*block, made));
        for (const text::HclAttribute& attribute : body.attributes) {
            made.members[std::string(attribute.name)] = MERLON_TRY(shape(*attribute.value));
        }
        return made;
    }

  private:
    Status add_block(const text::HclBlock& block, Growing& into) {
        Growing* at = &into;
        std::string key(block.type);
        for (const std::string_view label : block.labels) {
            Growing& member = at->members.try_emplace(key, Growing::object()).first->second;
            if (member.kind != Growing::Kind::kObject) {
                return Error{"Unable to convert Block to JSON: " + std::string(block.type),
                             block.span.begin};
            }
            at = &member;
            key = std::string(label);
        }
        Growing content = MERLON_TRY(body(block.body));
        Growing& list = at->members.try_emplace(key, Growing::array()).first->second;
        if (list.kind != Growing::Kind::kArray) {
            return Error{"invalid HCL detected for \"" + key +
                             "\" block, cannot have blocks with and without labels",
                         block.span.begin};
        }
        list.items.push_back(std::move(content));
        return {};
    }

    // A closing parenthesis behind an expression is taken for a part of it.
    std::string source_of(text::HclSpan span) const {
        if (span.end < source_.size() && source_[span.end] == ')') ++span.end;
        return std::string(source_.substr(span.begin, span.end - span.begin));
    }
    std::string wrapped(const HclExpression& expression) const {
        return "${" + source_of(expression.span) + "}";
    }
    Growing text(std::string_view made) const {
        return Growing::of(values_.string(text::to_valid_utf8(made)));
    }
    Result<Growing> number(std::string_view sign, const HclExpression& expression) const {
        const auto plain = plain_decimal(expression.text);
        if (!plain.ok()) return Error{plain.error().message, expression.span.begin};
        const auto found = parse_go_float(plain.value());
        if (!found) return Error{"the number is too large", expression.span.begin};
        return Growing::of(go_number(values_, sign == "-" ? -*found : *found));
    }

    Result<Growing> shape(const HclExpression& expression) {
        switch (expression.kind) {
            case HclKind::kNull:
                return Growing();
            case HclKind::kBoolean:
                return Growing::of(values_.boolean(expression.text == "true"));
            case HclKind::kNumber:
                return number("", expression);
            case HclKind::kTemplate:
                return text(MERLON_TRY(template_text(expression)));
            case HclKind::kWrap:
                return shape(*expression.operands[0]);
            case HclKind::kUnary:
                return unary(expression);
            case HclKind::kTuple: {
                Growing made = Growing::array();
                for (const HclExpression* element : expression.operands) {
                    made.items.push_back(MERLON_TRY(shape(*element)));
                }
                return made;
            }
            case HclKind::kObject: {
                Growing made = Growing::object();
                for (std::size_t i = 0; i + 1 < expression.operands.size(); i += 2) {
                    const std::string key = MERLON_TRY(key_text(*expression.operands[i]));
                    made.members[key] = MERLON_TRY(shape(*expression.operands[i + 1]));
                }
                return made;
            }
            default:
                return text(wrapped(expression));
        }
    }

    // The sign of a literal is a part of it.
    Result<Growing> unary(const HclExpression& expression) {
        const HclExpression& operand = *expression.operands[0];
        const bool is_negation = expression.text == "-";
        if (operand.kind == HclKind::kNumber && is_negation) return number("-", operand);
        if (operand.kind == HclKind::kBoolean && !is_negation) {
            return Growing::of(values_.boolean(operand.text != "true"));
        }
        const bool is_literal = operand.kind == HclKind::kNumber ||
                                operand.kind == HclKind::kBoolean || operand.kind == HclKind::kNull;
        if (is_literal)
            return Error{"the operator does not fit its operand", expression.span.begin};
        return text(wrapped(expression));
    }

    Result<std::string> key_text(const HclExpression& key) {
        if (key.kind == HclKind::kVariable || is_reference(key)) return source_of(key.span);
        return part_text(key);
    }
    // A name with attributes and constant indices.
    static bool is_reference(const HclExpression& expression) {
        const HclExpression* at = &expression;
        while (at->kind == HclKind::kAttribute || at->kind == HclKind::kIndex) {
            if (at->kind == HclKind::kIndex) {
                const HclExpression& index = *at->operands[1];
                const bool is_text = index.kind == HclKind::kTemplate &&
                                     index.operands.size() == 1 &&
                                     index.operands[0]->kind == HclKind::kString;
                if (index.kind != HclKind::kNumber && !is_text) return false;
            }
            at = at->operands[0];
        }
        return at->kind == HclKind::kVariable;
    }

    // What would begin a template in HCL's JSON is doubled.
    static std::string escaped(std::string_view text) {
        std::string made;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool begins = i + 1 < text.size() && text[i + 1] == '{';
            if (begins && (text[i] == '$' || text[i] == '%')) made += text[i];
            made += text[i];
        }
        return made;
    }

    Result<std::string> template_text(const HclExpression& expression) {
        std::string made;
        for (const HclExpression* part : expression.operands) {
            made += MERLON_TRY(part_text(*part));
        }
        return made;
    }

    Result<std::string> part_text(const HclExpression& part) {
        switch (part.kind) {
            case HclKind::kString:
                // As cty, whose texts are all of this form.
                return escaped(text::to_normal_form_c(part.text));
            case HclKind::kNull:
                return std::string("null");
            case HclKind::kBoolean:
                return std::string(part.text);
            case HclKind::kNumber:
                return plain_decimal(part.text);
            case HclKind::kTemplate:
                return template_text(part);
            case HclKind::kWrap:
                return part_text(*part.operands[0]);
            case HclKind::kConditional:
                return conditional_text(part);
            case HclKind::kJoin:
                return loop_text(*part.operands[0]);
            default:
                return wrapped(part);
        }
    }

    Result<std::string> conditional_text(const HclExpression& part) {
        std::string made = "%{if " + source_of(part.operands[0]->span) + "}";
        made += MERLON_TRY(part_text(*part.operands[1]));
        const std::string otherwise = MERLON_TRY(part_text(*part.operands[2]));
        if (!otherwise.empty()) made += "%{else}" + otherwise;
        return made + "%{endif}";
    }

    Result<std::string> loop_text(const HclExpression& loop) {
        std::string made = "%{for ";
        if (!loop.key_name.empty()) made += std::string(loop.key_name) + ", ";
        made += std::string(loop.text) + " in " + source_of(loop.operands[0]->span) + "}";
        made += MERLON_TRY(part_text(*loop.operands[2]));
        return made + "%{endfor}";
    }

    std::string_view source_;
    value::Builder& values_;
};

}  // namespace

Result<Value> parse_xml(std::string_view bytes, Reading& reading) {
    const text::XmlElement* const root = MERLON_TRY(text::read_xml(bytes, reading.arena));
    const value::Builder::Entry entry(reading.values.key(root->name),
                                      xml_value(*root, reading.values));
    return reading.values.object({&entry, 1});
}

// An array in an array, because a file whose value is an array is taken for several files.
Result<Value> parse_dockerfile(std::string_view bytes, Reading& reading) {
    value::Builder& values = reading.values;
    const Value key_list[] = {values.key("Cmd"),   values.key("SubCmd"), values.key("JSON"),
                              values.key("Flags"), values.key("Value"),  values.key("Stage")};
    std::vector<Value> commands;
    const auto add = [&](std::string_view command, std::string_view sub_command, Value is_json,
                         Value flags, Value arguments, std::uint32_t stage) {
        const value::Builder::Entry entries[] = {{key_list[0], values.string(command)},
                                                 {key_list[1], values.string(sub_command)},
                                                 {key_list[2], is_json},
                                                 {key_list[3], flags},
                                                 {key_list[4], arguments},
                                                 {key_list[5], values.integer(stage)}};
        commands.push_back(values.object(entries));
    };
    for (const text::DockerInstruction& one : MERLON_TRY(text::read_dockerfile(bytes))) {
        for (const std::string& comment : one.comments) {
            add("comment", "", values.boolean(false), Value(), text_array({comment}, values),
                one.stage);
        }
        add(one.command, one.sub_command, values.boolean(one.is_json),
            one.has_flags ? text_array(one.flags, values) : Value(),
            one.arguments.empty() ? Value() : text_array(one.arguments, values), one.stage);
    }
    const Value file = values.array(commands);
    return values.array({&file, 1});
}

Result<Value> parse_hcl2(std::string_view bytes, Reading& reading) {
    const text::HclBody body = MERLON_TRY(text::read_hcl(bytes, reading.arena));
    return MERLON_TRY(HclShape(bytes, reading).body(body)).finish(reading.values);
}

}  // namespace merlon::compat::conftest
