#include "exchange/threats.h"

#include <algorithm>
#include <optional>

#include "exchange/field_reader.h"
#include "text/csv.h"

namespace merlon::exchange {
namespace {

using Row = std::vector<std::string>;

// Where the columns stand that a table is read by, by the names in its first row.
class Columns {
  public:
    // Fails where the table ends before it has all of `names`.
    static Result<Columns> read(text::CsvReader& reader, std::vector<std::string_view> names) {
        Row row;
        Columns columns;
        if (!MERLON_TRY(reader.next(row))) return Error{"CSV: the table is empty"};
        for (const std::string_view name : names) {
            const auto found = std::ranges::find(row, name);
            if (found == row.end()) {
                Error error{"CSV: no column " + std::string(name)};
                error.line = reader.line();
                return error;
            }
            columns.places_.push_back(static_cast<std::size_t>(found - row.begin()));
        }
        return columns;
    }
    // The field of the `column`th name; empty where the row is too short.
    std::string_view field(const Row& row, std::size_t column) const {
        const std::size_t place = places_[column];
        return place < row.size() ? std::string_view(row[place]) : std::string_view();
    }

  private:
    std::vector<std::size_t> places_;
};

// "0.00043" as 43 of 100,000: decimal digits, of which five count. Also "1e-05".
std::optional<std::uint32_t> parse_100000ths(std::string_view text) {
    int exponent = 0;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        const std::string_view digits = text.substr(e + 1);
        if (digits.size() != 3 || digits[0] != '-') return std::nullopt;
        exponent = (digits[1] - '0') * 10 + (digits[2] - '0');
        if (exponent < 0 || exponent > 20) return std::nullopt;
        text = text.substr(0, e);
    }
    std::uint64_t number = 0;
    int decimals = -1;
    for (const char c : text) {
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        if (decimals >= 9) continue;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
        if (decimals >= 0) ++decimals;
        if (number > 9'999'999'999) return std::nullopt;
    }
    if (text.empty()) return std::nullopt;
    int shift = 5 - std::max(decimals, 0) - exponent;
    for (; shift > 0; --shift) number *= 10;
    for (; shift < 0; ++shift) number = shift == -1 ? (number + 5) / 10 : number / 10;
    if (number > 100'000) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

}  // namespace

Result<std::vector<ThreatRecord>> read_kev_json(std::string_view bytes) {
    std::vector<ThreatRecord> all;
    const Status read =
        read_fields(bytes, RecordSyntax::kJson, [&](const value::Value& root, FieldReader& fields) {
            all.clear();
            if (!fields.is_object(root)) return;
            if (root.find("vulnerabilities") == nullptr) {
                fields.fail("no vulnerabilities", &root);
            }
            for (const value::Value& item : fields.items(root, "vulnerabilities")) {
                if (!fields.is_object(item)) continue;
                ThreatRecord record;
                record.id = fields.required_text(item, "cveID");
                record.is_known_exploited = true;
                record.is_used_by_ransomware =
                    fields.text(item, "knownRansomwareCampaignUse") == "Known";
                record.due = fields.text(item, "dueDate");
                all.push_back(std::move(record));
            }
        });
    if (!read.ok()) return read.error();
    return all;
}

Result<std::vector<ThreatRecord>> read_kev_csv(std::string_view bytes) {
    text::CsvReader reader(bytes);
    const Columns columns =
        MERLON_TRY(Columns::read(reader, {"cveID", "dueDate", "knownRansomwareCampaignUse"}));
    std::vector<ThreatRecord> all;
    for (Row row; MERLON_TRY(reader.next(row));) {
        ThreatRecord record;
        record.id = columns.field(row, 0);
        record.is_known_exploited = true;
        record.due = columns.field(row, 1);
        record.is_used_by_ransomware = columns.field(row, 2) == "Known";
        all.push_back(std::move(record));
    }
    return all;
}

Result<std::vector<ThreatRecord>> read_epss_csv(std::string_view bytes) {
    // The first line is a comment with the model and the date.
    std::uint32_t skipped = 0;
    while (bytes.starts_with('#')) {
        const std::size_t end = bytes.find('\n');
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        ++skipped;
    }
    text::CsvReader reader(bytes);
    const Columns columns = MERLON_TRY(Columns::read(reader, {"cve", "epss", "percentile"}));
    std::vector<ThreatRecord> all;
    for (Row row; MERLON_TRY(reader.next(row));) {
        const auto epss = parse_100000ths(columns.field(row, 1));
        const auto percentile = parse_100000ths(columns.field(row, 2));
        if (!epss.has_value() || !percentile.has_value()) {
            Error error{"EPSS: expected two numbers from 0 to 1"};
            error.line = reader.line() + skipped;
            return error;
        }
        ThreatRecord record;
        record.id = columns.field(row, 0);
        record.epss_100000ths = *epss;
        record.percentile_100000ths = *percentile;
        all.push_back(std::move(record));
    }
    return all;
}

}  // namespace merlon::exchange
