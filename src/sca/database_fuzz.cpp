// A hostile database crashes nothing: whatever the bytes are, it is refused, or read within its
// file. The digests are made right first, or no input would come behind them.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "crypto/digest.h"
#include "sca/database.h"
#include "sca/database_delta.h"
#include "sca/database_writer.h"
#include "sca/match_text.h"
#include "sca/record_walk.h"

namespace {

using namespace merlon;

// The header and pages of `bytes` with digests and sizes that are right, as a segment behind the
// one with the digest `parent`.
std::string with_digests(std::string bytes, const std::array<std::uint8_t, 32>& parent) {
    if (bytes.size() < sca::kHeaderBytes) bytes.resize(sca::kHeaderBytes);
    sca::DatabaseHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    header.magic = sca::kDatabaseMagic;
    header.version = sca::kDatabaseVersion;
    header.byte_order = sca::kByteOrder;
    header.key_format = sca::version_key_format();
    header.parent = parent;
    header.signer = {};
    const std::size_t end = bytes.size();
    std::string digests;
    for (std::size_t page = sca::kHeaderBytes; page < end; page += sca::kPageBytes) {
        digests += crypto::sha256(std::string_view(bytes).substr(page, sca::kPageBytes)).bytes();
    }
    bytes += digests;
    header.sections[static_cast<std::size_t>(sca::Section::kPageDigests)] = {
        static_cast<std::uint32_t>(end), static_cast<std::uint32_t>(digests.size())};
    header.file_bytes = bytes.size();
    std::memcpy(header.page_digests_digest.data(), crypto::sha256(digests).bytes().data(), 32);
    std::memcpy(header.header_digest.data(),
                crypto::sha256(sca::header_message(header)).bytes().data(), 32);
    bytes.replace(0, sca::kHeaderBytes, sca::kHeaderBytes, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

std::string database_of(const exchange::OsvRecord& record) {
    sca::DatabaseWriter writer;
    const std::size_t feed = writer.add_feed({"fuzz", "", "", 0});
    writer.add(feed, sca::draft_of(record));
    writer.add_threat(feed, {"CVE-1", true, false, "2024-01-01", 1, 2});
    ThreadPool pool(1);
    return writer.finish(0, pool, std::nullopt).value();
}

// A segment that holds the record anew, changed, and hides the one before.
std::string segment_behind(const sca::Database& database, exchange::OsvRecord record) {
    sca::DatabaseChange change;
    record.summary += "changed";
    change.records.emplace_back("fuzz", sca::draft_of(record));
    change.feeds = database.info().value().feeds;
    change.threats = {{"CVE-1", true, true, "2024-02-01", 3, 4}};
    change.has_new_threats = true;
    ThreadPool pool(1);
    return sca::build_segment(database, std::move(change), 1, pool, std::nullopt).value();
}

std::string with_changes(std::string bytes, std::string_view changes) {
    for (; changes.size() >= 4; changes.remove_prefix(4)) {
        const auto place = static_cast<std::size_t>(static_cast<std::uint8_t>(changes[1])) << 8 |
                           static_cast<std::uint8_t>(changes[2]);
        // The header's sections, and all that is behind its page.
        const std::size_t places = 256 + bytes.size() - sca::kHeaderBytes;
        const std::size_t at = place % places;
        bytes[at < 256 ? at : at - 256 + sca::kHeaderBytes] = changes[3];
    }
    return bytes;
}

void use(const sca::Database& database) {
    (void)database.verify();
    (void)database.info();
    ThreadPool pool(1);
    std::vector<packages::Package> asked;
    (void)database.read([&](const sca::DatabaseReader& reader) {
        const sca::SegmentReader& segment = reader.segment(reader.segment_count() - 1);
        for (std::uint32_t i = 0; i < std::min(segment.package_count(), 20u); ++i) {
            packages::Package package;
            package.name = segment.text(segment.package(i).name);
            package.version = "1.2.3";
            package.ecosystem = packages::Ecosystem::kNpm;
            asked.push_back(package);
            package.ecosystem = packages::Ecosystem::kDeb;
            package.distribution = {"debian", "12", ""};
            asked.push_back(package);
        }
        // What is not there is damage, which is remembered.
        const std::uint32_t records = reader.segment(0).record_count();
        for (std::uint32_t i = 0; i < std::min(records, 5u); ++i) (void)reader.record_json(i);
        (void)reader.find_record("CVE-2024-1");
        (void)reader.find_threat({0, 1});
        (void)reader.has_rows("npm", [](std::string_view release) { return release == "12"; });
        std::size_t steps = 0;
        for (sca::RecordWalk walk(reader); !walk.at_end() && steps < 20; walk.next(), ++steps) {
            (void)walk.json();
        }
    });
    const auto report = sca::match_packages(database, asked, pool);
    if (report.ok()) (void)sca::match_texts(database, asked, report.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    // The bytes of a file; or a record, whose database is changed at the places that follow it.
    if (!input.starts_with('{')) {
        const std::string bytes(input);
        if (const auto as_it_is = sca::Database::from_bytes(bytes); as_it_is.ok()) {
            use(as_it_is.value());
        }
        const auto repaired = sca::Database::from_bytes(with_digests(bytes, {}));
        if (repaired.ok()) use(repaired.value());
        return 0;
    }
    const auto record =
        exchange::read_osv(input.substr(0, input.find('\0')), exchange::RecordSyntax::kJson);
    if (!record.ok()) return 0;
    const std::string base = database_of(record.value());
    const auto whole = sca::Database::from_bytes(base);
    if (!whole.ok() || !whole.value().verify().ok()) std::abort();
    use(whole.value());
    const std::string segment = segment_behind(whole.value(), record.value());
    const auto both = sca::Database::from_bytes(base + segment);
    if (!both.ok() || !both.value().verify().ok()) std::abort();
    use(both.value());
    std::string_view changes = input.substr(std::min(input.find('\0'), input.size()));
    const auto changed = sca::Database::from_bytes(with_digests(with_changes(base, changes), {}));
    if (changed.ok()) use(changed.value());
    const auto changed_behind = sca::Database::from_bytes(
        base + with_digests(with_changes(segment, changes), whole.value().digest()));
    if (changed_behind.ok()) use(changed_behind.value());
    return 0;
}
