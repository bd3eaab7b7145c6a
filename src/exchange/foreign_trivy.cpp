// Trivy's JSON report (schema version 2): results by target, each of one class.

#include <algorithm>
#include <array>
#include <optional>

#include "exchange/date_time.h"
#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"
#include "model/fingerprint.h"

namespace merlon::exchange {
namespace {

using value::Value;

enum class Kind : std::uint8_t { kWeakness, kMisconfiguration, kSecret, kLicense };
// By the kind's number: what the stream is called, and what Trivy calls one of the kind.
struct KindNames {
    std::string_view category, finding_type;
};
constexpr std::array<KindNames, 4> kKinds{{{"vulnerabilities", "vulnerability"},
                                           {"misconfigurations", "misconfiguration"},
                                           {"secrets", "secret"},
                                           {"licenses", "license"}}};

std::optional<Kind> kind_of_class(std::string_view name) {
    if (name == "os-pkgs" || name == "lang-pkgs") return Kind::kWeakness;
    if (name == "config") return Kind::kMisconfiguration;
    if (name == "secret") return Kind::kSecret;
    if (name == "license" || name == "license-file") return Kind::kLicense;
    return std::nullopt;
}

class TrivyReader {
  public:
    TrivyReader(const Value& root, FieldReader& fields) : root_(root), fields_(fields) {}

    std::vector<ReadReport> read() {
        read_head();
        for (const Value& result : fields_.items(root_, "Results"))
            if (fields_.is_object(result)) read_result(result, {});
        // Of a cluster: the same for each of its objects.
        for (const std::string_view list : {"Resources", "Vulnerabilities", "Misconfigurations"})
            for (const Value& resource : fields_.items(root_, list))
                if (fields_.is_object(resource)) read_resource(resource);
        // What could not be scanned is clean in no kind, and told where it was all there is.
        const auto is_begun = [](const auto& draft) { return draft.has_value(); };
        if (!unseen_.empty() && std::ranges::none_of(drafts_, is_begun)) draft_of(Kind::kWeakness);
        // Where there is nothing to look at it does not say for what it would have looked: that is
        // weaknesses and secrets, where it is not told otherwise.
        const bool is_of_nothing = root_.find("Results") == nullptr &&
                                   root_.find("ArtifactName") != nullptr &&
                                   std::ranges::none_of(drafts_, is_begun);
        if (is_of_nothing)
            for (const Kind kind : {Kind::kWeakness, Kind::kSecret}) draft_of(kind);
        std::vector<ReadReport> reports;
        for (std::optional<ForeignDraft>& draft : drafts_) {
            if (!draft) continue;
            for (const model::Gap& gap : unseen_) draft->add_gap(gap.cause, gap.path, gap.detail);
            const bool was_asked_for =
                !draft->read().report.findings.empty() || &draft == &checked();
            if (is_of_nothing)
                draft->add_unstated("Trivy had nothing to look at, and does not say for what");
            else if (!was_asked_for)
                draft->add_unstated("Trivy lists packages whether it looks for weaknesses or not");
            draft->read().ended = head_.ended;
            reports.push_back(std::move(*draft).finish());
        }
        if (!reports.empty()) reports.front().links = std::move(head_.links);
        return reports;
    }

  private:
    // Members may mean something else in another one; reports of clusters name none.
    void check_schema() {
        constexpr std::int64_t kKnown = 2;
        const auto schema = integer_in(root_, "SchemaVersion", fields_);
        if (schema && *schema != kKnown)
            fields_.fail("expected a report with SchemaVersion " + std::to_string(kKnown) +
                             ", found " + std::to_string(*schema) +
                             ": take a Merlon that knows this version of Trivy",
                         root_.find("SchemaVersion"));
    }

    void read_head() {
        check_schema();
        const std::string type = fields_.text(root_, "ArtifactType");
        const std::string name = fields_.text(root_, "ArtifactName");
        if (type == "container_image") head_.repository = image_name(name);
        head_.report.analysis.scope = scope_of(type, name);
        if (const Value* trivy = fields_.object(root_, "Trivy"))
            head_.report.analysis.version = fields_.text(*trivy, "Version");
        if (const auto made = parse_date_time(fields_.text(root_, "CreatedAt")); made.ok())
            head_.ended = made.value();
        const Value* const metadata = fields_.object(root_, "Metadata");
        if (metadata == nullptr) return;
        if (std::string url = fields_.text(*metadata, "RepoURL"); !url.empty())
            head_.repository = std::move(url);
        head_.report.analysis.commit = fields_.text(*metadata, "Commit");
        if (std::string branch = fields_.text(*metadata, "Branch"); !branch.empty())
            head_.report.analysis.ref = "refs/heads/" + branch;
    }

    // What was looked at: an image whatever its tag, a folder, a cluster. Of a repository the
    // address is said elsewhere, and it is the whole of it, wherever it was checked out: Trivy
    // tells the commit of a folder where that is a repository's root (fanal/artifact/local).
    std::vector<std::string> scope_of(const std::string& type, const std::string& name) {
        if (std::string cluster = fields_.text(root_, "ClusterName"); !cluster.empty())
            return {std::move(cluster)};
        if (name.empty() || name.contains("://")) return {};
        const Value* const metadata = fields_.object(root_, "Metadata");
        const bool is_root = type == "repository" && metadata != nullptr &&
                             !fields_.text(*metadata, "Commit").empty();
        if (is_root) return {"."};
        return {type == "container_image" ? image_name(name) : folder_name(name)};
    }

    void read_resource(const Value& resource) {
        std::string object;
        for (const std::string_view part : {"Namespace", "Kind", "Name"}) {
            const std::string text = fields_.text(resource, part);
            if (!text.empty()) object += (object.empty() ? "" : "/") + text;
        }
        if (head_.repository.empty()) head_.repository = fields_.text(root_, "ClusterName");
        for (const Value& metadata : fields_.items(resource, "Metadata"))
            if (fields_.is_object(metadata)) add_image(metadata, object);
        if (std::string why = fields_.text(resource, "Error"); !why.empty())
            unseen_.push_back({model::GapCause::kScannerFailed, object,
                               "trivy could not scan it: " + std::move(why)});
        for (const Value& result : fields_.items(resource, "Results"))
            if (fields_.is_object(result)) read_result(result, object);
    }

    // The image that the workload runs, by the digest under which registries have it.
    void add_image(const Value& metadata, const std::string& object) {
        for (const std::string& named : fields_.texts(metadata, "RepoDigests")) {
            const std::size_t at = named.find("@sha256:");
            if (at == std::string::npos || object.empty()) continue;
            const LinkEnd artifact{"artifact", named.substr(at + 1)};
            head_.links.push_back({.from = artifact,
                                   .relation = "named",
                                   .to = {"image", named.substr(0, at)},
                                   .collector = "trivy"});
            head_.links.push_back({.from = artifact,
                                   .relation = "runs as",
                                   .to = {"workload", object},
                                   .collector = "trivy"});
        }
    }

    // Misconfigurations come with the number of checks that passed.
    std::optional<ForeignDraft>& checked() {
        return drafts_[static_cast<std::size_t>(Kind::kMisconfiguration)];
    }

    // The report of that kind, which is begun when the file says that such things were looked for.
    ForeignDraft& draft_of(Kind kind) {
        std::optional<ForeignDraft>& draft = drafts_[static_cast<std::size_t>(kind)];
        if (!draft) {
            draft.emplace("trivy", kKinds[static_cast<std::size_t>(kind)].category);
            draft->read().repository = head_.repository;
            draft->analysis().version = head_.report.analysis.version;
            draft->analysis().commit = head_.report.analysis.commit;
            draft->analysis().ref = head_.report.analysis.ref;
            draft->analysis().scope = head_.report.analysis.scope;
        }
        return *draft;
    }

    void read_result(const Value& result, std::string_view object) {
        target_ = fields_.text(result, "Target");
        type_ = fields_.text(result, "Type");
        class_ = fields_.text(result, "Class");
        object_ = object;
        if (const auto kind = kind_of_class(class_)) draft_of(*kind);
        note_unknown_lists(result);
        for (const Value& one : fields_.items(result, "Vulnerabilities")) read_weakness(one);
        for (const Value& one : fields_.items(result, "Misconfigurations"))
            read_misconfiguration(one);
        for (const Value& one : fields_.items(result, "Secrets")) read_secret(one);
        for (const Value& one : fields_.items(result, "Licenses")) read_license(one);
        for (const Value& one : fields_.items(result, "ExperimentalModifiedFindings"))
            read_modified(one);
    }

    // A newer Trivy may find something of another kind, which is not to be passed over in silence.
    void note_unknown_lists(const Value& result) {
        constexpr std::array<std::string_view, 7> kLists{
            "Packages", "Vulnerabilities", "Misconfigurations",           "Secrets",
            "Licenses", "CustomResources", "ExperimentalModifiedFindings"};
        for (std::size_t i = 0; i < result.size(); ++i) {
            const Value& key = result.keys()[i];
            const Value& list = result.values()[i];
            if (!key.is_string() || !list.is_array() || list.size() == 0 ||
                std::ranges::find(kLists, key.as_string()) != kLists.end())
                continue;
            unseen_.push_back({model::GapCause::kUnsupportedFormat, target_,
                               "results that are not known, and were left out: " +
                                   std::string(key.as_string()) + " of class " + class_});
        }
    }

    // What Trivy's user has accepted, or a supplier has said: it is there, and does not count.
    void read_modified(const Value& modified) {
        if (!fields_.is_object(modified)) return;
        const Value* const finding = fields_.object(modified, "Finding");
        const std::string type = fields_.text(modified, "Type");
        if (finding == nullptr) return;
        model::Finding* made = nullptr;
        if (type == kKinds[0].finding_type) made = read_weakness(*finding);
        if (type == kKinds[1].finding_type) made = read_misconfiguration(*finding);
        if (type == kKinds[2].finding_type) made = read_secret(*finding);
        if (type == kKinds[3].finding_type) made = read_license(*finding);
        if (made == nullptr) return;
        made->suppressed_by = "external";
        made->suppression_reason = fields_.text(modified, "Status");
        for (const std::string_view part : {"Statement", "Source"})
            if (const std::string text = fields_.text(modified, part); !text.empty())
                made->suppression_reason += ": " + text;
    }

    // Where packages of the system are, no file says; the name of the image would change.
    std::string package_path(const Value& weakness) {
        std::string path = fields_.text(weakness, "PkgPath");
        if (path.empty()) path = class_ == "os-pkgs" ? "os/" + type_ : target_;
        path = tidy_path(path);
        return object_.empty() ? path : object_ + "/" + path;
    }

    model::Finding* read_weakness(const Value& weakness) {
        if (!fields_.is_object(weakness)) return nullptr;
        PackageNews news;
        news.ids.push_back(fields_.required_text(weakness, "VulnerabilityID"));
        // Of a package manager's advisory there is one for each weakness; a distribution's is
        // about all that an update mends.
        for (std::string& id : fields_.texts(weakness, "VendorIDs"))
            (class_ == "lang-pkgs" ? news.ids : news.advisories).push_back(std::move(id));
        news.name = fields_.required_text(weakness, "PkgName");
        news.version = fields_.text(weakness, "InstalledVersion");
        if (const Value* identifier = fields_.object(weakness, "PkgIdentifier"))
            news.purl = fields_.text(*identifier, "PURL");
        news.ecosystem = type_;
        news.path = package_path(weakness);
        news.fixed = fields_.text(weakness, "FixedVersion");
        news.title = fields_.text(weakness, "Title");
        news.description = fields_.text(weakness, "Description");
        news.url = fields_.text(weakness, "PrimaryURL");
        news.cwes = fields_.texts(weakness, "CweIDs");
        news.severity = severity_of_word(fields_.text(weakness, "Severity"));
        model::Finding& made = draft_of(Kind::kWeakness).add(news);
        if (const std::string status = fields_.text(weakness, "Status"); !status.empty())
            made.properties["status"] = status;
        return &made;
    }

    void set_code(const Value& owner, model::Finding& finding) {
        const Value* const code = fields_.object(owner, "Code");
        if (code == nullptr) return;
        auto& excerpt = finding.excerpt;
        for (const Value& line : fields_.items(*code, "Lines")) {
            if (!fields_.is_object(line)) continue;
            if (excerpt.lines.empty())
                excerpt.first_line = line_number(integer_in(line, "Number", fields_));
            excerpt.lines.push_back(fields_.text(line, "Content"));
        }
        excerpt.mark_line = std::get<model::FileLocation>(finding.location).region.start_line;
    }

    model::FileLocation place_of(const Value& owner) {
        model::FileLocation place{.path = tidy_path(target_)};
        if (!object_.empty()) place.path = object_ + "/" + place.path;
        place.region.start_line = line_number(integer_in(owner, "StartLine", fields_));
        place.region.end_line = line_number(integer_in(owner, "EndLine", fields_));
        return place;
    }

    model::Finding* read_misconfiguration(const Value& one) {
        if (!fields_.is_object(one)) return nullptr;
        // With --include-non-failures those that passed are there, too.
        if (fields_.text(one, "Status") == "PASS") return nullptr;
        ForeignDraft& draft = draft_of(Kind::kMisconfiguration);
        const std::string id = fields_.required_text(one, "ID");
        model::Rule& rule = draft.rule(id);
        rule.name = fields_.text(one, "Title");
        rule.description = fields_.text(one, "Description");
        rule.fix = fields_.text(one, "Resolution");
        rule.help_url = fields_.text(one, "PrimaryURL");
        rule.severity =
            severity_of_word(fields_.text(one, "Severity")).value_or(model::Severity::kHigh);
        model::Finding& made = draft.add(id);
        made.severity = rule.severity;
        if (std::string message = fields_.text(one, "Message"); !message.empty())
            made.message = std::move(message);
        if (fields_.text(one, "Status") == "EXCEPTION") made.suppressed_by = "external";
        const Value* const cause = fields_.object(one, "CauseMetadata");
        made.location = place_of(cause == nullptr ? one : *cause);
        if (cause == nullptr) return &made;
        set_code(*cause, made);
        if (std::string resource = fields_.text(*cause, "Resource"); !resource.empty())
            made.properties["object"] = std::move(resource);
        return &made;
    }

    // Trivy has put stars where the secret was, and keeps nothing that tells two of them apart.
    model::Finding* read_secret(const Value& one) {
        if (!fields_.is_object(one)) return nullptr;
        ForeignDraft& draft = draft_of(Kind::kSecret);
        const std::string id = fields_.required_text(one, "RuleID");
        draft.rule(id).name = fields_.text(one, "Title");
        model::Finding& made = draft.add(id);
        made.severity =
            severity_of_word(fields_.text(one, "Severity")).value_or(model::Severity::kHigh);
        made.match = fields_.text(one, "Match");
        made.secret = model::mask_secret("*");
        made.location = place_of(one);
        set_code(one, made);
        return &made;
    }

    model::Finding* read_license(const Value& one) {
        if (!fields_.is_object(one)) return nullptr;
        const std::string name = fields_.required_text(one, "Name");
        const std::string package = fields_.text(one, "PkgName");
        ForeignDraft& draft = draft_of(Kind::kLicense);
        draft.rule(name).help_url = fields_.text(one, "Link");
        model::Finding& made = draft.add(name);
        made.severity =
            severity_of_word(fields_.text(one, "Severity")).value_or(model::Severity::kHigh);
        const std::string path = fields_.text(one, "FilePath");
        made.location = model::FileLocation{.path = tidy_path(path.empty() ? target_ : path)};
        made.message = (package.empty() ? path : package) + ": licence " + name;
        if (const std::string category = fields_.text(one, "Category"); !category.empty())
            made.message += ", " + category;
        made.properties["object"] = package.empty() ? path : package;
        return &made;
    }

    const Value& root_;
    FieldReader& fields_;
    ReadReport head_;
    std::array<std::optional<ForeignDraft>, kKinds.size()> drafts_;
    // Objects of a cluster that could not be scanned; results that are not known.
    std::vector<model::Gap> unseen_;
    std::string target_, type_, class_, object_;  // of the result that is read
};

}  // namespace

// Complete: yes, of the kinds that the file shows to have been asked for: by a finding, or by the
// number of checks. A run that fails writes no report. Packages are listed by every run, so that
// without a weakness it is not told whether any were looked for.
ReadReports read_trivy(const ForeignInput& input) {
    std::vector<ReadReport> reports;
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) reports = TrivyReader(root, fields).read();
    }));
    return reports;
}

}  // namespace merlon::exchange
