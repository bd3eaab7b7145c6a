#include "evidence/export.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/detail.h"
#include "evidence/migrations.h"
#include "evidence/word_index.h"
#include "exchange/field_reader.h"
#include "exchange/plain_fields.h"
#include "text/json.h"
#include "text/zstd.h"

namespace merlon::evidence {
namespace {

constexpr std::string_view kExportFormat = "merlon/store-export/v1";
constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::uint64_t kMaxLineBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMaxManifestBytes = 1 << 20;
constexpr std::uint64_t kMaxStoredBytes = std::uint64_t{2} << 30;
constexpr int kDocumentPacking = 3;  // as an import has it

struct FileFacts {
    std::string digest;  // sha256:…
    std::int64_t lines = 0;
};

std::string file_of(const ExportTable& table) { return std::string(table.name) + ".jsonl"; }

// A file that only its owner reads, from its first byte.
class PrivateFile {
  public:
    static Result<PrivateFile> make(const std::string& path) {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor < 0) return Error{path + ": " + std::strerror(errno)};
        return PrivateFile(descriptor, path);
    }
    PrivateFile(PrivateFile&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)),
          path_(std::move(other.path_)),
          buffer_(std::move(other.buffer_)) {}
    PrivateFile& operator=(PrivateFile&&) = delete;
    ~PrivateFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    Status write(std::string_view bytes) {
        buffer_ += bytes;
        return buffer_.size() < kBufferBytes ? Status() : flush();
    }
    Status finish() {
        MERLON_TRY(flush());
        if (::fsync(descriptor_) != 0) return Error{path_ + ": " + std::strerror(errno)};
        return {};
    }

  private:
    PrivateFile(int descriptor, std::string path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    Status flush() {
        std::string_view rest = buffer_;
        while (!rest.empty()) {
            const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return Error{path_ + ": " + std::strerror(errno)};
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        buffer_.clear();
        return {};
    }

    int descriptor_ = -1;
    std::string path_, buffer_;
};

// The lines of a file, one after the other.
class LineReader {
  public:
    static Result<LineReader> open(const std::string& path) {
        FileResult<FileReader> opened = FileReader::open(path);
        if (!opened.ok()) return std::move(opened.result).error();
        return LineReader(std::move(opened.result).value(), path);
    }

    // Nothing at the end. Fails for a last line without its end: something was cut off.
    Result<std::optional<std::string_view>> next() {
        while (true) {
            const std::size_t end = buffer_.find('\n', at_);
            if (end != std::string::npos) {
                const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
                at_ = end + 1;
                ++number_;
                return std::optional<std::string_view>(line);
            }
            buffer_.erase(0, at_);
            at_ = 0;
            if (buffer_.size() > kMaxLineBytes) return Error{"a line that is too long"};
            const std::size_t size = buffer_.size();
            buffer_.resize(size + kBufferBytes);
            const std::size_t count =
                MERLON_TRY(reader_.read(std::span(buffer_).subspan(size, kBufferBytes)).result);
            buffer_.resize(size + count);
            hasher_.update(std::string_view(buffer_).substr(size));
            if (count > 0) continue;
            if (!buffer_.empty()) return Error{"the last line has no end: the file was cut off"};
            return std::optional<std::string_view>();
        }
    }
    std::uint32_t number() const { return number_; }
    std::string digest() { return hasher_.finish().to_string(); }

    // A row is one line, in which the reader's own line says nothing.
    Error at_line(Error error) const {
        error.line = 0;
        error.column = 0;
        return std::move(error).at(path_, std::max(number_, 1U), 0);
    }

  private:
    LineReader(FileReader reader, std::string path)
        : reader_(std::move(reader)), path_(std::move(path)) {}
    FileReader reader_;
    std::string path_, buffer_;
    std::size_t at_ = 0;
    std::uint32_t number_ = 0;
    crypto::Hasher hasher_{crypto::DigestAlgorithm::kSha256};
};

// Whose bodies stand in the export as they were before they were packed.
constexpr std::string_view kDetails = "finding_detail";

std::string columns_of(const ExportTable& table) {
    std::string columns;
    for (const ExportColumn& column : table.columns)
        columns += fmt::format("{}{}", columns.empty() ? "" : ", ", column.name);
    return columns;
}

class Exporter {
  public:
    Exporter(Database& database, std::string folder)
        : database_(database), folder_(std::move(folder)) {}

    Result<ExportTally> run() {
        const std::string documents = folder_ + "/documents";
        if (::mkdir(documents.c_str(), 0700) != 0)
            return Error{documents + ": " + std::strerror(errno)};
        MERLON_TRY(write_documents());
        for (const ExportTable& table : export_tables()) MERLON_TRY(write_table(table));
        MERLON_TRY(write_manifest());
        return tally_;
    }

  private:
    Status write_documents() {
        Status written;
        MERLON_TRY(database_.each_row("SELECT digest, size, packed FROM document ORDER BY id", {},
                                      [&](Cells row) {
                                          if (written.ok()) written = write_document(row);
                                      }));
        return written;
    }

    Status write_document(Cells row) {
        const std::string name = to_hex(bytes_of(row[0]));
        const std::string bytes = MERLON_TRY(
            text::unpack_zstd(bytes_of(row[2]), static_cast<std::size_t>(integer_of(row[1]))));
        if (crypto::sha256(bytes).bytes() != bytes_of(row[0]))
            return Error{"the document sha256:" + name +
                         " is not as it was imported; see 'merlon store check'"};
        PrivateFile file = MERLON_TRY(PrivateFile::make(folder_ + "/documents/" + name));
        MERLON_TRY(file.write(bytes));
        ++tally_.documents;
        tally_.bytes += bytes.size();
        return file.finish();
    }

    Status write_table(const ExportTable& table) {
        PrivateFile file = MERLON_TRY(PrivateFile::make(folder_ + "/" + file_of(table)));
        crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
        FileFacts facts;
        Status written;
        MERLON_TRY(database_.each_row(fmt::format("SELECT {} FROM {} ORDER BY {}",
                                                  columns_of(table), table.name, table.order),
                                      {}, [&](Cells row) {
                                          if (!written.ok()) return;
                                          const Result<std::string> line = line_of(table, row);
                                          if (!line.ok()) {
                                              written = line.error();
                                              return;
                                          }
                                          hasher.update(line.value());
                                          ++facts.lines;
                                          tally_.bytes += line.value().size();
                                          written = file.write(line.value());
                                      }));
        MERLON_TRY(std::move(written));
        facts.digest = hasher.finish().to_string();
        tally_.rows += static_cast<std::uint64_t>(facts.lines);
        files_.emplace_back(file_of(table), facts);
        return file.finish();
    }

    Result<std::string> line_of(const ExportTable& table, Cells row) {
        if (table.name != kDetails) return export_row(table, row);
        Result<std::string> body = details_.read(bytes_of(row[1]));
        if (!body.ok())
            return Error{
                fmt::format("what is told of finding {} cannot be read ({}); see 'merlon "
                            "store check'",
                            integer_of(row[0]), body.error().message)};
        const std::array<Cell, 2> cells{row[0], std::string_view(body.value())};
        return export_row(table, cells);
    }

    Status write_manifest() {
        std::string text;
        text::JsonWriter json(text, "  ");
        json.begin_object().member("format", kExportFormat);
        json.key("schema").integer(newest_schema());
        json.key("files").begin_array();
        for (const auto& [name, facts] : files_) {
            json.begin_object().member("name", name).key("lines").integer(facts.lines);
            json.member("digest", facts.digest).end_object();
        }
        json.end_array().end_object();
        PrivateFile file = MERLON_TRY(PrivateFile::make(folder_ + "/manifest.json"));
        MERLON_TRY(file.write(text + "\n"));
        return file.finish();
    }

    Database& database_;
    std::string folder_;
    std::vector<std::pair<std::string, FileFacts>> files_;
    ExportTally tally_;
    DetailReader details_;
};

class Importer {
  public:
    Importer(Database& database, std::string folder)
        : database_(database), folder_(std::move(folder)) {}

    Result<ExportTally> run(const std::function<Status()>& check) {
        MERLON_TRY(read_manifest());
        Transaction transaction = MERLON_TRY(Transaction::begin(database_));
        MERLON_TRY(check_empty());
        MERLON_TRY(database_.run("DELETE FROM meta WHERE name <> 'schema'"));
        MERLON_TRY(database_.run("DELETE FROM sequence"));
        for (const ExportTable& table : export_tables()) MERLON_TRY(read_table(table));
        for (const ExportTable& table : export_tables())
            if (table.numbers == ExportTable::Numbers::kByDatabase)
                MERLON_TRY(database_.number_onwards(table.name));
        MERLON_TRY(index_all_words(database_));
        MERLON_TRY(check());
        MERLON_TRY(transaction.commit());
        return tally_;
    }

  private:
    Status read_manifest() {
        const std::string path = folder_ + "/manifest.json";
        const std::string text = MERLON_TRY(read_text_file(path, kMaxManifestBytes));
        Status read = exchange::read_fields(
            text, exchange::RecordSyntax::kJson,
            [this](const value::Value& root, exchange::FieldReader& fields) {
                if (!fields.is_object(root)) return;
                if (fields.text(root, "format") != kExportFormat)
                    return fields.fail("not a store's export; 'merlon store export' writes one",
                                       &root);
                schema_ = exchange::integer_in(root, "schema", fields).value_or(0);
                if (schema_ > newest_schema())
                    return fields.fail(
                        fmt::format("the export is of a newer Merlon (schema {}; this program "
                                    "reads {} to {}): import it with that one",
                                    schema_, kOldestExport, newest_schema()),
                        root.find("schema"));
                if (schema_ < kOldestExport)
                    return fields.fail(
                        fmt::format("the export has schema {}, and this program reads {} to {}: "
                                    "make a store of it with the Merlon that wrote it, which any "
                                    "writing command of this one renews",
                                    schema_, kOldestExport, newest_schema()),
                        root.find("schema"));
                for (const value::Value& file : fields.items(root, "files")) {
                    if (!fields.is_object(file)) return;
                    files_[fields.required_text(file, "name")] = {
                        .digest = fields.required_text(file, "digest"),
                        .lines = exchange::integer_in(file, "lines", fields).value_or(-1)};
                }
            });
        if (read.ok()) return {};
        Error error = std::move(read).error();
        const std::uint32_t line = error.line, column = error.column;
        return std::move(error).at(path, line, column);
    }

    Status check_empty() {
        for (const std::string_view table : {"document", "finding", "event", "decision"}) {
            if (MERLON_TRY(database_.number(fmt::format("SELECT count(*) FROM {}", table), {}, 0)) >
                0)
                return Error{
                    "the store has something in it already; an export goes into an empty "
                    "one"};
        }
        return {};
    }

    Status read_table(const ExportTable& table) {
        const std::string name = file_of(table);
        if (schema_ < table.since) return {};
        const auto known = files_.find(name);
        if (known == files_.end()) return Error{folder_ + "/manifest.json does not name " + name};
        LineReader lines = MERLON_TRY(LineReader::open(folder_ + "/" + name));
        Status failed;
        std::vector<ExportValue> row;
        std::string packed;
        const bool is_document = table.name == "document", is_detail = table.name == kDetails;
        std::vector<Column> columns;
        for (const ExportColumn& column : table.columns)
            columns.push_back({column.name, column_type(column.type)});
        if (is_document) columns.push_back({"packed", ColumnType::kBytes});
        if (is_detail) columns[1].type = ColumnType::kBytes;
        const Status appended = database_.append(table.name, columns, [&](std::span<Cell> cells) {
            while (failed.ok()) {
                Result<bool> read = next_row(table, lines, row);
                if (!read.ok()) failed = std::move(read).error();
                if (!failed.ok() || !read.value()) return false;
                // The schema's number is the store's own.
                if (table.name == "meta" && std::get<std::string>(row[0]) == "schema") continue;
                for (std::size_t i = 0; i < row.size(); ++i)
                    cells[i] = cell_of(table.columns[i].type, row[i]);
                if (is_detail) {
                    packed = details_.pack(std::get<std::string>(row[1]));
                    cells[1] = Bytes{packed};
                }
                if (is_document) {
                    failed = pack_document(row, packed);
                    if (!failed.ok()) failed = lines.at_line(std::move(failed).error());
                    cells[row.size()] = Bytes{packed};
                }
                return failed.ok();
            }
            return false;
        });
        MERLON_TRY(std::move(failed));
        if (!appended.ok()) {
            return lines.at_line(
                Error{fmt::format("the row stands twice, or names a row of another file that the "
                                  "export does not have: {}",
                                  appended.error().message)});
        }
        if (lines.number() != known->second.lines || lines.digest() != known->second.digest)
            return Error{
                fmt::format("{}/{}: it is not the file that was exported: it has {} lines, "
                            "and the manifest names {} and another digest",
                            folder_, name, lines.number(), known->second.lines)};
        tally_.rows += lines.number();
        return {};
    }

    Result<bool> next_row(const ExportTable& table, LineReader& lines,
                          std::vector<ExportValue>& row) const {
        Result<std::optional<std::string_view>> line = lines.next();
        if (!line.ok()) return lines.at_line(std::move(line).error());
        if (!line.value()) return false;
        Result<std::vector<ExportValue>> read = read_export_row(table, *line.value(), schema_);
        if (!read.ok()) return lines.at_line(std::move(read).error());
        row = std::move(read).value();
        return true;
    }

    // By its digest, so that a changed one is not taken.
    Status pack_document(const std::vector<ExportValue>& row, std::string& packed) {
        const std::string& digest = std::get<std::string>(row[1]);
        const std::string path = folder_ + "/documents/" + to_hex(digest);
        const std::string bytes = MERLON_TRY(read_text_file(path, kMaxStoredBytes));
        if (crypto::sha256(bytes).bytes() != digest)
            return Error{path + " is not what its name says: its SHA-256 is another"};
        packed = text::pack_zstd(bytes, kDocumentPacking);
        ++tally_.documents;
        tally_.bytes += bytes.size();
        return {};
    }

    static ColumnType column_type(ExportType type) {
        if (type == ExportType::kInteger) return ColumnType::kInteger;
        return type == ExportType::kText ? ColumnType::kText : ColumnType::kBytes;
    }
    static Cell cell_of(ExportType type, const ExportValue& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr) return {};
        if (type == ExportType::kText) return std::string_view(*text);
        return Bytes{*text};
    }

    Database& database_;
    std::string folder_;
    std::int64_t schema_ = 0;  // of the export
    std::map<std::string, FileFacts> files_;
    ExportTally tally_;
    DetailPacker details_;
};

}  // namespace

Result<ExportTally> export_store(Database& database, const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0) return Error{folder + ": " + std::strerror(errno)};
    // Everything is read as it is at one moment, also where nothing can be written.
    Result<Transaction> transaction = Transaction::begin_reading(database);
    Result<ExportTally> made = transaction.ok() ? Exporter(database, folder).run()
                                                : Result<ExportTally>(transaction.error());
    if (made.ok()) return made;
    // Half of an export looks like one. The folder is ours: it was not there.
    std::error_code failure;
    std::filesystem::remove_all(folder, failure);
    return made;
}

Result<ExportTally> import_store(Database& database, const std::string& folder,
                                 const std::function<Status()>& check) {
    return Importer(database, folder).run(check);
}

}  // namespace merlon::evidence
