#include "templates/template.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/interner.h"
#include "templates/json_record.h"
#include "text/json.h"

namespace merlon::templates {
namespace {

using enum FieldKind;

constexpr RecordField kAuthor[] = {{"Name", "name"}, {"Email", "email"}};
constexpr RecordField kBase[] = {{"Severity", "severity"}};
constexpr RecordField kFinding[] = {
    {"RuleID", "RuleID"},
    {"File", "File"},
    {"StartLine", "StartLine", kInteger},
    {"Entropy", "Entropy", kReal},
    {"Tags", "Tags", kTexts},
    {"Hidden", "hidden", kTruth},
    {"Author", "author", kStruct, "Author"},
    {"Reviewer", "reviewer", kPointer, "Author"},
    {"Authors", "authors", kStructs, "Author"},
    {"Base", "", kEmbedded, "Base"},
    {"More", "more", kAny},
    {"ByName", "named", kNamed, "Author"},
};
constexpr RecordType kTypes[] = {{"Finding", kFinding}, {"Author", kAuthor}, {"Base", kBase}};

constexpr std::string_view kFindings = R"([
    {"RuleID": "rule", "File": "a.txt", "StartLine": 1, "Entropy": 2.5, "Tags": ["x", "y"],
     "author": {"name": "n"}, "severity": "HIGH", "more": {"k": [1, true, null]},
     "named": {"one": {"name": "m"}}},
    {"RuleID": "rule", "File": "a.txt", "StartLine": 1, "reviewer": {"name": "r"}}])";

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string rendered(std::string_view text, OwnFunctions own = {}) {
    const auto parsed = Template::parse(text, std::move(own));
    if (!parsed.ok()) return "refused: " + parsed.error().message;
    Arena arena;
    Interner interner;
    const auto tree = text::read_json(kFindings, arena, interner);
    EXPECT_TRUE(tree.ok());
    JsonRecords records(kTypes);
    std::string out;
    const Status status = parsed.value().render(records.records(tree.value().root, "Finding"),
                                                Timestamp{1'700'000'000'000'000'000}, out);
    return status.ok() ? out : out + "failed: " + status.error().message;
}

TEST(JsonRecord, has_zeros_where_the_report_says_nothing_as_a_struct_of_go) {
    EXPECT_EQ(rendered("{{ range . }}[{{ .Entropy }}|{{ .Tags }}|{{ .Hidden }}|{{ .Author.Name }}|"
                       "{{ len .Authors }}|{{ .Severity }}{{ .Base.Severity }}]{{ end }}"),
              "[2.5|[x y]|false|n|0|HIGHHIGH][0|[]|false||0|]");
    EXPECT_EQ(
        rendered("{{ range . }}{{ with .Reviewer }}{{ .Name }}{{ else }}none {{ end }}{{ end }}"),
        "none r");
    EXPECT_EQ(rendered("{{ (index . 0).More }}{{ (index . 1).More }}"),
              "map[k:[1 true <nil>]]<no value>");
}

TEST(JsonRecord, a_map_of_structs_has_zeros_for_a_name_that_is_not_there) {
    EXPECT_EQ(rendered("{{ range . }}{{ (index .ByName \"one\").Name }}|"
                       "{{ (index .ByName \"two\").Name }}{{ .ByName.three.Email }}|"
                       "{{ len .ByName }}{{ range $k, $v := .ByName }}{{ $k }}={{ $v.Name }}"
                       "{{ end }};{{ end }}"),
              "m||1one=m;||0;");
}

TEST(JsonRecord, is_made_once_for_each_struct_of_the_report) {
    Arena arena;
    Interner interner;
    const auto tree = text::read_json(kFindings, arena, interner);
    ASSERT_TRUE(tree.ok());
    JsonRecords records(kTypes);
    const auto first = records.records(tree.value().root, "Finding");
    const auto second = records.records(tree.value().root, "Finding");
    const auto record_of = [](const TemplateValue& list) {
        return *list.as<TemplateList>()->front().as<const TemplateRecord*>();
    };
    EXPECT_EQ(record_of(first), record_of(second));
}

TEST(JsonRecord, a_field_that_the_struct_has_not_ends_the_report) {
    EXPECT_TRUE(holds(rendered("a{{ (index . 0).Nothing }}"), "a Finding has no field Nothing"));
    EXPECT_TRUE(holds(rendered("{{ (index . 0).Reviewer.Name }}"), "no field Name"));
}

TEST(Template, takes_functions_that_one_front_has) {
    const OwnFunctions own{
        {"twice", {1, [](std::span<const TemplateValue> in) -> Result<TemplateValue> {
                       return TemplateValue(template_text(in[0]) + template_text(in[0]));
                   }}}};
    EXPECT_EQ(rendered("{{ \"a\" | twice }}{{ twice 1 }}", own), "aa11");
    EXPECT_TRUE(holds(rendered("{{ twice }}", own), "wrong number"));
    EXPECT_TRUE(
        holds(rendered("{{ if true }}{{ twice 1 }}{{ end }}"), "\"twice\" is not supported"));
}

TEST(Template, prints_fields_in_a_range) {
    EXPECT_EQ(rendered("{{ range . }}{{ .RuleID }}:{{ .StartLine }};{{ end }}"), "rule:1;rule:1;");
    EXPECT_EQ(rendered("{{- range $i, $f := . }}{{ if $i }}, {{ end }}{{ $f.File }}{{ end -}}\n"),
              "a.txt, a.txt");
    EXPECT_EQ(rendered("{{ len . }}"), "2");
    EXPECT_EQ(rendered("{{ with index . 0 }}{{ .Entropy }} {{ .Tags }}{{ end }}"), "2.5 [x y]");
}

TEST(Template, knows_the_functions_that_the_page_names) {
    EXPECT_EQ(rendered("{{ \"a\" | upper | quote }}"), "\"A\"");
    EXPECT_EQ(rendered("{{ if and (eq 1 1) (lt 1 2) }}y{{ else }}n{{ end }}"), "y");
    EXPECT_EQ(rendered("{{ join \"+\" (index . 0).Tags }}"), "x+y");
    EXPECT_EQ(rendered("{{ add 1 2 }}{{ sub 5 1 }}{{ default \"d\" \"\" }}"), "34d");
    EXPECT_EQ(rendered("{{/* nothing */}}{{ contains \"b\" \"abc\" }}"), "true");
}

TEST(Template, in_a_comment_anything_may_stand) {
    EXPECT_EQ(rendered("a{{/* }} \" ' {{ */}}b{{- /* it's\n` */ -}} c"), "abc");
    EXPECT_TRUE(holds(rendered("{{/* x */ 1 }}"), "comment ends before closing delimiter"));
    EXPECT_TRUE(holds(rendered("{{/* x }}"), "unclosed comment"));
    EXPECT_EQ(rendered("{{ eq '\"' '}' }}{{ eq '\\'' 39 }}{{ `}}` }}"), "falsetrue}}");
    EXPECT_TRUE(holds(rendered("{{ \"a\n\" }}"), "unterminated string"));
}

TEST(Template, what_it_makes_has_an_end) {
    // A dict in itself, by a way round, and as deep as it would go.
    EXPECT_TRUE(holds(rendered("{{ $d := dict }}{{ set $d \"a\" $d }}"), "or in themselves"));
    EXPECT_TRUE(
        holds(rendered("{{ $a := dict }}{{ $b := dict \"a\" (list $a) }}{{ set $a \"b\" $b }}"),
              "or in themselves"));
    EXPECT_TRUE(
        holds(rendered("{{ $d := dict }}{{ $t := $d }}{{ range until 1000 }}{{ $n := dict }}"
                       "{{ $_ := set $t \"k\" $n }}{{ $t = $n }}{{ end }}"),
              "100 deep"));
    EXPECT_TRUE(
        holds(rendered("{{ $d := dict }}{{ range until 1000 }}{{ $d = dict \"k\" $d }}{{ end }}"),
              "100 deep"));
    EXPECT_TRUE(holds(rendered("{{ $l := list }}{{ range until 1000 }}{{ $l = list $l }}{{ end }}"),
                      "100 deep"));
    // Dicts that name the same one twice are small, and their text is not.
    const std::string doubled =
        "{{ $d := dict }}{{ range until 60 }}{{ $d = dict \"a\" $d \"b\" $d }}{{ end }}";
    EXPECT_TRUE(holds(rendered(doubled + "{{ $d }}"), "16 MiB"));
    EXPECT_TRUE(holds(rendered(doubled + "{{ toJson $d }}"), "16 MiB"));
    EXPECT_EQ(rendered(doubled + "{{ len $d }}"), "2");
    const std::string large = "{{ $t := repeat 10000000 \"x\" }}";
    EXPECT_TRUE(holds(rendered(large + "{{ $l := list $t $t }}"), "16 MiB"));
    EXPECT_TRUE(holds(rendered(large + "{{ $d := dict 1 $t }}{{ set $d \"2\" $t }}"), "16 MiB"));
    EXPECT_TRUE(holds(rendered(large + "{{ cat $t $t }}"), "16 MiB"));
    EXPECT_EQ(
        rendered("{{ $d := dict }}{{ $_ := set $d \"a\" 1 }}{{ $_ := set $d \"b\" $d.a }}{{ $d }}"),
        "map[a:1 b:1]");
}

TEST(Template, branches_loops_and_names) {
    EXPECT_EQ(rendered("{{ if eq 1 2 }}a{{ else if eq 2 2 }}b{{ else }}c{{ end }}"), "b");
    EXPECT_EQ(rendered("{{ with 0 }}a{{ else with 5 }}{{ . }}{{ end }}"), "5");
    EXPECT_EQ(
        rendered("{{ range $i, $f := . }}{{ if $i }}{{ break }}{{ end }}{{ $f.File }}{{ end }}"),
        "a.txt");
    EXPECT_EQ(rendered("{{ range until 4 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}"),
              "023");
    EXPECT_EQ(rendered("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" 7 }}"), "<7>");
    EXPECT_EQ(rendered("{{ block \"x\" 3 }}{{ . }}!{{ end }}"), "3!");
    EXPECT_EQ(rendered("{{ $n := 1 }}{{ range until 3 }}{{ $n = add $n . }}{{ end }}{{ $n }}"),
              "4");
    EXPECT_TRUE(
        holds(rendered("{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}"),
              "without end"));
}

TEST(Template, prints_as_go_does) {
    EXPECT_EQ(rendered("{{ printf \"%-5s|%5d|%05d|%.2f|%q|%x|%t|%v\" \"ab\" 42 7 1.005 \"c\\n\" "
                       "255 true nil }}"),
              "ab   |   42|00007|1.00|\"c\\n\"|ff|true|<nil>");
    EXPECT_EQ(rendered("{{ printf \"%d %s %z\" \"x\" 5 }}"),
              "%!d(string=x) %!s(int=5) %!z(MISSING)");
    EXPECT_EQ(rendered("{{ printf \"%%\" 1 }}"), "%%!(EXTRA int=1)");
    EXPECT_EQ(rendered("{{ now | date \"Mon, 02 Jan 2006 15:04:05 MST\" }}"),
              "Tue, 14 Nov 2023 22:13:20 UTC");
    EXPECT_EQ(rendered("{{ print 1 2 \"a\" \"b\" 3 }}"), "1 2ab3")
        << "a blank where neither is a text";
    EXPECT_EQ(rendered("{{ list nil 1 \"\" }}{{ list \"\" 2 }}{{ dict \"\" nil \"a\" 1 }}"),
              "[<nil> 1 ][ 2]map[:<nil> a:1]");
    EXPECT_EQ(rendered("{{ list nil | len }}{{ list }}{{ dict }}"), "1[]map[]");
}

TEST(Template, reads_numbers_and_escapes_as_go_does) {
    EXPECT_EQ(rendered(R"({{ "0x10" | int }} {{ "010" | int64 }} {{ "1_0" | int }})"), "16 8 10");
    EXPECT_EQ(rendered(R"({{ "12.00" | int }} {{ "010" | atoi }} {{ "x" | int }})"), "12 10 0");
    EXPECT_EQ(rendered(R"({{ "\101\x41" }})"), "AA");
    EXPECT_EQ(rendered("{{ js \"\\u2028\" }}"), "\\u2028");
    EXPECT_EQ(rendered("{{ toString nil }} {{ date \"2006\" 0 }} {{ htmlDate 86400 }}"),
              "<nil> 1970 1970-01-02");
    EXPECT_EQ(rendered(R"({{ printf "%+v|%v" 1 2 }})"), "1|2");
    EXPECT_EQ(rendered(R"({{ printf "%U %O %[2]d %[1]d" 65 8 }})"), "U+0041 0o10 8 65");
    EXPECT_EQ(rendered(R"({{ printf "%*d|%p|%q|% x|%+q|%x" 5 3 "x" 65 "abc" "x" 3.5 }})"),
              "    3|%!p(string=x)|'A'|61 62 63|\"x\"|0x1.cp+01");
    EXPECT_EQ(rendered("{{ 1000000.0 }} {{ println nil 1 }}"), "1e+06 <nil> 1\n");
    EXPECT_EQ(rendered("{{ println \"\" 1 }}"), " 1\n");
    EXPECT_EQ(rendered("{{ print .5 | }} {{ (print 2 |) }}"), "0.5 2");
    EXPECT_EQ(rendered(R"({{ slice "abc" 1 2 }} {{ index "abc" 0 }} {{ eq nil "a" }})"),
              "b 97 false");
    EXPECT_TRUE(holds(rendered("{{ 99999999999999999999 }}"), "integer overflow"));
    EXPECT_TRUE(holds(rendered(R"({{ "\18" }})"), "invalid syntax"));
}

TEST(Template, what_go_would_show_and_this_cannot_is_refused_and_not_shown_otherwise) {
    for (const char* text :
         {"{{ . }}", "{{ index . 0 }}", "{{ range . }}{{ . }}{{ end }}", "{{ print (first .) }}",
          R"({{ printf "%+v" (index . 0) }})", "{{ dict \"a\" (index . 0) }}", "{{ join \",\" . }}",
          R"({{ printf "%p" (list 1) }})"}) {
        EXPECT_TRUE(holds(rendered(text), "not supported")) << text << ": " << rendered(text);
    }
    EXPECT_TRUE(holds(rendered("{{ toJson (index . 0) }}"), "\"RuleID\":\"rule\""));
}

TEST(Template, refuses_by_name_what_it_does_not_know) {
    EXPECT_TRUE(holds(rendered("{{ env \"HOME\" }}"), "env"));
    EXPECT_TRUE(holds(rendered("{{ template \"x\" }}"), "not defined"));
    EXPECT_TRUE(holds(rendered("{{ ge true true }}"), "invalid type for comparison"));
    EXPECT_TRUE(holds(rendered("{{ slice \"a\" 2 }}"), "out of range"));
    EXPECT_TRUE(holds(rendered("{{ repeat 99999999 \"abc\" }}"), "16 MiB"));
    EXPECT_TRUE(holds(rendered("{{ range 99999999 }}{{ end }}"), "too long"));
    EXPECT_TRUE(holds(rendered("{{ len.x }}"), "len"));
    EXPECT_TRUE(holds(rendered("{{ print.x }}"), "no field x"));
    for (const std::string_view broken :
         {"{{ nil }}", "{{", "{{ range . }}", "{{ end }}", "{{ \"x }}", "{{ break }}", "{{ if }}",
          "{{ 'ab' }}", "{{ '' }}", "{{ $x, $y := . }}", "{{ if $x, $y := . }}{{ end }}",
          "{{ range $x, $y, $z := . }}{{ end }}"})
        EXPECT_TRUE(rendered(broken).starts_with("refused: ")) << broken;
}

}  // namespace
}  // namespace merlon::templates
