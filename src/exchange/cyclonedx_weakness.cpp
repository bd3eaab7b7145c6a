#include "exchange/cyclonedx_weakness.h"

#include "exchange/cyclonedx_fields.h"

namespace merlon::exchange {
namespace {

using text::JsonWriter;
using text::XmlWriter;
using value::Value;

// ---- reading

BomSource source_in(const Value& object) {
    const Value* source = object.find("source");
    if (source == nullptr) return {};
    return {std::string(text_in(*source, "name")), std::string(text_in(*source, "url"))};
}

std::vector<std::string> texts_in(const Value& object, std::string_view key) {
    std::vector<std::string> texts;
    for (const Value& item : items_in(object, key))
        texts.push_back(item.is_number() ? item.number_text() : std::string(item.as_string()));
    return texts;
}

BomRating read_rating(const Value& object) {
    return {.source = source_in(object),
            .score = written_in(object, "score"),
            .severity = written_in(object, "severity"),
            .method = written_in(object, "method"),
            .vector = written_in(object, "vector"),
            .justification = written_in(object, "justification")};
}

BomAnalysis read_analysis(const Value& object) {
    return {.state = written_in(object, "state"),
            .justification = written_in(object, "justification"),
            .responses = texts_in(object, "response"),
            .detail = written_in(object, "detail"),
            .first_issued = written_in(object, "firstIssued"),
            .last_updated = written_in(object, "lastUpdated")};
}

BomAffected read_affected(const Value& object) {
    BomAffected affected{.ref = written_in(object, "ref"), .versions = {}};
    for (const Value& item : items_in(object, "versions")) {
        affected.versions.push_back({.version = written_in(item, "version"),
                                     .range = written_in(item, "range"),
                                     .status = written_in(item, "status")});
    }
    return affected;
}

BomWeakness read_weakness(const Value& object) {
    BomWeakness weakness;
    weakness.ref = text_in(object, "bom-ref");
    weakness.id = text_in(object, "id");
    weakness.source = source_in(object);
    for (const Value& alias : items_in(object, "references"))
        weakness.aliases.push_back({written_in(alias, "id"), source_in(alias)});
    for (const Value& rating : items_in(object, "ratings"))
        weakness.ratings.push_back(read_rating(rating));
    weakness.cwes = texts_in(object, "cwes");
    weakness.description = text_in(object, "description");
    weakness.detail = text_in(object, "detail");
    weakness.recommendation = text_in(object, "recommendation");
    for (const Value& advisory : items_in(object, "advisories"))
        weakness.advisories.push_back({written_in(advisory, "title"), written_in(advisory, "url")});
    weakness.created = text_in(object, "created");
    weakness.published = text_in(object, "published");
    weakness.updated = text_in(object, "updated");
    if (const Value* analysis = object.find("analysis"))
        weakness.analysis = read_analysis(*analysis);
    for (const Value& affected : items_in(object, "affects"))
        weakness.affects.push_back(read_affected(affected));
    weakness.properties = properties_in(object);
    return weakness;
}

// ---- writing

// A list and what one of its items is called in XML.
struct ListName {
    std::string_view json, xml, item;
};

// The two forms behind one set of words.
class JsonForm {
  public:
    explicit JsonForm(JsonWriter& json) : json_(json) {}

    void begin_list(const ListName& name) { json_.key(name.json).begin_array(); }
    void end_list() { json_.end_array(); }
    void begin_item(const ListName&, std::string_view ref) {
        json_.begin_object();
        text("bom-ref", ref);
    }
    void end_item() { json_.end_object(); }
    void begin_object(std::string_view name) { json_.key(name).begin_object(); }
    void end_object() { json_.end_object(); }
    void text(std::string_view name, std::string_view content) {
        if (!content.empty()) json_.member(name, content);
    }
    void number(std::string_view name, std::string_view digits) {
        if (!digits.empty()) json_.key(name).raw(digits);
    }
    void text_item(const ListName&, std::string_view content) { json_.string(content); }
    void number_item(const ListName&, std::string_view digits) { json_.raw(digits); }
    void property(const BomProperty& property) {
        json_.begin_object().member("name", property.name).member("value", property.value);
        json_.end_object();
    }

  private:
    JsonWriter& json_;
};

class XmlForm {
  public:
    explicit XmlForm(XmlWriter& xml) : xml_(xml) {}

    void begin_list(const ListName& name) { xml_.begin(name.xml); }
    void end_list() { xml_.end(); }
    void begin_item(const ListName& name, std::string_view ref) {
        xml_.begin(name.item);
        if (!ref.empty()) xml_.attribute("bom-ref", ref);
    }
    void end_item() { xml_.end(); }
    void begin_object(std::string_view name) { xml_.begin(name); }
    void end_object() { xml_.end(); }
    void text(std::string_view name, std::string_view content) {
        if (!content.empty()) xml_.element(name, content);
    }
    void number(std::string_view name, std::string_view digits) { text(name, digits); }
    void text_item(const ListName& name, std::string_view content) {
        xml_.element(name.item, content);
    }
    void number_item(const ListName& name, std::string_view digits) { text_item(name, digits); }
    void property(const BomProperty& property) {
        xml_.begin("property").attribute("name", property.name).text(property.value).end();
    }

  private:
    XmlWriter& xml_;
};

constexpr ListName kWeaknesses{"vulnerabilities", "vulnerabilities", "vulnerability"};
constexpr ListName kAliases{"references", "references", "reference"};
constexpr ListName kRatings{"ratings", "ratings", "rating"};
constexpr ListName kCwes{"cwes", "cwes", "cwe"};
constexpr ListName kAdvisories{"advisories", "advisories", "advisory"};
constexpr ListName kResponses{"response", "responses", "response"};
constexpr ListName kAffects{"affects", "affects", "target"};
constexpr ListName kVersions{"versions", "versions", "version"};
constexpr ListName kProperties{"properties", "properties", "property"};

// The members in the order that XML's sequence asks for.
template <typename Form>
class WeaknessWriter {
  public:
    WeaknessWriter(CycloneDxVersion version, Form form, TextSink& sink)
        : version_(version), form_(form), sink_(sink) {}

    void write(const Bom& bom) {
        list(kWeaknesses, bom.weaknesses, [&](const BomWeakness& weakness) {
            form_.begin_item(kWeaknesses, weakness.ref);
            write_weakness(weakness);
            form_.end_item();
            sink_.settle();
        });
    }

  private:
    template <typename Item, typename Write>
    void list(const ListName& name, const std::vector<Item>& items, const Write& write) {
        if (items.empty()) return;
        form_.begin_list(name);
        for (const Item& item : items) write(item);
        form_.end_list();
    }

    void source(const BomSource& source) {
        form_.begin_object("source");
        form_.text("name", source.name);
        form_.text("url", source.url);
        form_.end_object();
    }

    void write_weakness(const BomWeakness& weakness) {
        form_.text("id", weakness.id);
        if (weakness.source != BomSource{}) source(weakness.source);
        list(kAliases, weakness.aliases, [&](const BomAlias& alias) {
            form_.begin_item(kAliases, {});
            form_.text("id", alias.id);
            source(alias.source);  // required
            form_.end_item();
        });
        list(kRatings, weakness.ratings, [&](const BomRating& rating) { write_rating(rating); });
        list(kCwes, weakness.cwes,
             [&](const std::string& number) { form_.number_item(kCwes, number); });
        form_.text("description", weakness.description);
        form_.text("detail", weakness.detail);
        form_.text("recommendation", weakness.recommendation);
        list(kAdvisories, weakness.advisories, [&](const BomAdvisory& advisory) {
            form_.begin_item(kAdvisories, {});
            form_.text("title", advisory.title);
            form_.text("url", advisory.url);
            form_.end_item();
        });
        form_.text("created", weakness.created);
        form_.text("published", weakness.published);
        form_.text("updated", weakness.updated);
        if (weakness.analysis) write_analysis(*weakness.analysis);
        list(kAffects, weakness.affects,
             [&](const BomAffected& affected) { write_affected(affected); });
        list(kProperties, weakness.properties,
             [&](const BomProperty& property) { form_.property(property); });
    }

    void write_rating(const BomRating& rating) {
        form_.begin_item(kRatings, {});
        if (rating.source != BomSource{}) source(rating.source);
        form_.number("score", rating.score);
        form_.text("severity", rating.severity);
        const bool is_newer = rating.method == "CVSSv4" || rating.method == "SSVC";
        const bool is_known = version_ >= CycloneDxVersion::k1_5 || !is_newer;
        form_.text("method", is_known ? rating.method : "other");
        form_.text("vector", rating.vector);
        form_.text("justification", rating.justification);
        form_.end_item();
    }

    void write_analysis(const BomAnalysis& analysis) {
        form_.begin_object("analysis");
        form_.text("state", analysis.state);
        form_.text("justification", analysis.justification);
        list(kResponses, analysis.responses,
             [&](const std::string& response) { form_.text_item(kResponses, response); });
        form_.text("detail", analysis.detail);
        if (version_ >= CycloneDxVersion::k1_5) {
            form_.text("firstIssued", analysis.first_issued);
            form_.text("lastUpdated", analysis.last_updated);
        }
        form_.end_object();
    }

    void write_affected(const BomAffected& affected) {
        form_.begin_item(kAffects, {});
        form_.text("ref", affected.ref);
        list(kVersions, affected.versions, [&](const BomAffectedVersion& one) {
            form_.begin_item(kVersions, {});
            form_.text("version", one.version);
            form_.text("range", one.range);
            form_.text("status", one.status);
            form_.end_item();
        });
        form_.end_item();
    }

    CycloneDxVersion version_;
    Form form_;
    TextSink& sink_;
};

}  // namespace

std::vector<BomWeakness> read_weaknesses(const Value& root) {
    std::vector<BomWeakness> weaknesses;
    for (const Value& object : items_in(root, "vulnerabilities"))
        weaknesses.push_back(read_weakness(object));
    return weaknesses;
}

void write_weaknesses(const Bom& bom, CycloneDxVersion version, JsonWriter& json, TextSink& sink) {
    WeaknessWriter(version, JsonForm(json), sink).write(bom);
}

void write_weaknesses(const Bom& bom, CycloneDxVersion version, XmlWriter& xml, TextSink& sink) {
    WeaknessWriter(version, XmlForm(xml), sink).write(bom);
}

}  // namespace merlon::exchange
