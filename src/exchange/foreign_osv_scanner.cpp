// OSV-Scanner's JSON report (version 2; `osv-scanner scan --format json`): sources with their
// packages, whose records are grouped by what they have in common.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "exchange/foreign_draft.h"
#include "exchange/foreign_readers.h"
#include "exchange/foreign_text.h"
#include "exchange/plain_fields.h"

namespace merlon::exchange {
namespace {

using value::Value;

class OsvScannerReader {
  public:
    OsvScannerReader(FieldReader& fields, ForeignDraft& draft) : fields_(fields), draft_(draft) {}

    void read(const Value& root) {
        for (const Value& result : required_items(root, "results", fields_)) {
            if (!fields_.is_object(result)) continue;
            const Value* const source = fields_.object(result, "source");
            path_ = source == nullptr ? "" : tidy_path(fields_.text(*source, "path"));
            note_folder();
            for (const Value& package : fields_.items(result, "packages"))
                if (fields_.is_object(package)) read_package(package);
        }
        if (folder_)
            draft_.read().looked_below = folder_->empty() && is_root_alone_ ? "." : *folder_;
        if (violations_ > 0)
            draft_.add_notice(std::to_string(violations_) +
                              " licences that OSV-Scanner does not allow are not taken over");
    }

  private:
    // Sources without a weakness are not named (but with --all-packages): all that is told is the
    // folder in which the named ones are.
    void note_folder() {
        const std::size_t slash = path_.rfind('/');
        std::string folder = slash == std::string::npos ? std::string() : path_.substr(0, slash);
        is_root_alone_ = is_root_alone_ && folder.empty();
        if (!folder_) {
            folder_ = std::move(folder);
            return;
        }
        while (!folder_->empty() && folder != *folder_ && !folder.starts_with(*folder_ + "/")) {
            const std::size_t end = folder_->rfind('/');
            folder_->resize(end == std::string::npos ? 0 : end);
        }
    }

    const Value* record_of(const Value& package, std::string_view id) {
        for (const Value& record : fields_.items(package, "vulnerabilities"))
            if (fields_.is_object(record) && fields_.text(record, "id") == id) return &record;
        return nullptr;
    }

    // The first fixed version that a record names for the package.
    std::string fixed_in(const Value& record, const std::string& name) {
        for (const Value& affected : fields_.items(record, "affected")) {
            const Value* const of =
                fields_.is_object(affected) ? fields_.object(affected, "package") : nullptr;
            if (of == nullptr || fields_.text(*of, "name") != name) continue;
            for (const Value& range : fields_.items(affected, "ranges"))
                for (const Value& event : fields_.items(range, "events"))
                    if (event.is_object() && event.find("fixed") != nullptr)
                        return fields_.text(event, "fixed");
        }
        return {};
    }

    void read_package(const Value& package) {
        const Value* const about = fields_.object(package, "package");
        if (about == nullptr) {
            fields_.fail("no package", &package);
            return;
        }
        violations_ += fields_.texts(package, "license_violations").size();
        std::set<std::string> grouped;
        for (const Value& group : fields_.items(package, "groups")) {
            if (!fields_.is_object(group)) continue;
            PackageNews news;
            news.ids = fields_.texts(group, "ids");
            if (news.ids.empty()) fields_.fail("a group without ids", &group);
            add_names(fields_.texts(group, "aliases"), news);
            news.cvss = fields_.text(group, "max_severity");
            grouped.insert(news.ids.begin(), news.ids.end());
            read_weakness(package, *about, std::move(news));
        }
        // What is in no group is one of its own.
        for (const Value& record : fields_.items(package, "vulnerabilities")) {
            if (!fields_.is_object(record)) continue;
            PackageNews news;
            news.ids.push_back(fields_.required_text(record, "id"));
            if (grouped.contains(news.ids[0])) continue;
            add_names(fields_.texts(record, "aliases"), news);
            read_weakness(package, *about, std::move(news));
        }
    }

    static void add_names(std::vector<std::string> names, PackageNews& news) {
        for (std::string& id : names)
            if (std::ranges::find(news.ids, id) == news.ids.end())
                news.ids.push_back(std::move(id));
    }

    void read_weakness(const Value& package, const Value& about, PackageNews news) {
        news.name = fields_.required_text(about, "name");
        news.version = fields_.text(about, "version");
        if (news.version.empty()) news.version = fields_.text(about, "commit");
        news.ecosystem = fields_.text(about, "ecosystem");
        news.path = path_;
        news.severity = severity_of_score(news.cvss);
        const Value* const record = news.ids.empty() ? nullptr : record_of(package, news.ids[0]);
        if (record != nullptr) {
            news.title = fields_.text(*record, "summary");
            news.description = fields_.text(*record, "details");
            news.fixed = fixed_in(*record, news.name);
            news.url = "https://osv.dev/" + news.ids[0];
            const Value* const more = fields_.object(*record, "database_specific");
            if (const Value* word = more == nullptr ? nullptr : more->find("severity");
                word != nullptr && word->is_string() && !news.severity)
                news.severity = severity_of_word(word->as_string());
        }
        draft_.add(news);
    }

    FieldReader& fields_;
    ForeignDraft& draft_;
    std::string path_;
    std::optional<std::string> folder_;  // in which all sources are
    bool is_root_alone_ = true;          // and in no folder below
    std::size_t violations_ = 0;
};

}  // namespace

// Complete: yes, of the folder in which the sources are that it names (of the root alone without
// the folders below: its lock file may be all that was named); all of it where it names none. A run
// that fails prints no report.
ReadReports read_osv_scanner(const ForeignInput& input) {
    ForeignDraft draft("osv-scanner");
    MERLON_TRY(read_input(input, [&](const Value& root, FieldReader& fields) {
        if (fields.is_object(root)) OsvScannerReader(fields, draft).read(root);
    }));
    return std::move(draft).finish_alone();
}

}  // namespace merlon::exchange
