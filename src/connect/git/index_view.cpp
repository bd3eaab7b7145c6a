#include "connect/git/index_view.h"

#include <charconv>
#include <utility>

#include "base/file.h"
#include "connect/git/byte_order.h"
#include "connect/git/index_file.h"

namespace merlon::connect::git {
namespace {

constexpr std::string_view kAttributesFile = ".gitattributes";

void put_be32(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

void put_stat(std::string& bytes, const IndexEntry& entry) {
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    const IndexStat& stat = entry.stat;
    for (const std::int64_t time : {stat.changed_ns, stat.modified_ns}) {
        put_be32(bytes, static_cast<std::uint32_t>(time / kNanoseconds));
        put_be32(bytes, static_cast<std::uint32_t>(time % kNanoseconds));
    }
    for (const std::uint32_t value :
         {stat.device, stat.inode, entry.mode, stat.user, stat.group, stat.size}) {
        put_be32(bytes, value);
    }
}

// An index of version 3 without extensions and with a digest of zeros.
std::string index_bytes(const IndexFile& index, HashAlgorithm algorithm) {
    std::string bytes = "DIRC";
    put_be32(bytes, 3);
    put_be32(bytes, static_cast<std::uint32_t>(index.entries.size()));
    for (const IndexEntry& entry : index.entries) {
        const std::size_t begin = bytes.size();
        put_stat(bytes, entry);
        bytes += entry.id.bytes();
        const auto length =
            static_cast<std::uint32_t>(std::min<std::size_t>(entry.path.size(), 0xFFF));
        const std::uint32_t flags =
            (entry.assume_unchanged ? 0x8000U : 0U) | 0x4000U | entry.stage << 12 | length;
        const std::uint32_t extended =
            (entry.skip_work_tree ? 0x4000U : 0U) | (entry.intent_to_add ? 0x2000U : 0U);
        put_be32(bytes, flags << 16 | extended);
        bytes += entry.path;
        bytes.append(8 - (bytes.size() - begin) % 8, '\0');
    }
    bytes.append(hash_bytes_of(algorithm), '\0');
    return bytes;
}

// gitformat-index, "Cache tree": name, zero, number of entries, blank, number of folders, line
// feed, and the tree's id where the number of entries is not negative.
class TreeReader {
  public:
    TreeReader(std::string_view bytes, HashAlgorithm algorithm)
        : bytes_(bytes), algorithm_(algorithm) {}

    Result<std::vector<CachedTree>> read() {
        // The folders whose own folders are still to come, and how many.
        std::vector<std::pair<std::size_t, std::uint64_t>> open;
        do {
            const std::uint64_t folders = MERLON_TRY(read_one());
            open.emplace_back(trees_.size() - 1, folders);
            while (!open.empty() && open.back().second == 0) {
                trees_[open.back().first].end = trees_.size();
                open.pop_back();
            }
            if (!open.empty()) --open.back().second;
        } while (!open.empty());
        return std::move(trees_);
    }

  private:
    static Error malformed() { return Error{"its cache of trees (TREE) is malformed"}; }

    Result<std::int64_t> read_number(char behind) {
        std::int64_t value = 0;
        const char* end = bytes_.data() + bytes_.size();
        const auto [stop, code] = std::from_chars(bytes_.data() + at_, end, value);
        if (code != std::errc() || stop == end || *stop != behind) return malformed();
        at_ = static_cast<std::size_t>(stop - bytes_.data()) + 1;
        return value;
    }

    // Returns how many folders stand in it.
    Result<std::uint64_t> read_one() {
        const std::size_t zero = bytes_.find('\0', at_);
        if (zero == std::string_view::npos) return malformed();
        CachedTree tree;
        tree.name = bytes_.substr(at_, zero - at_);
        at_ = zero + 1;
        const std::int64_t entries = MERLON_TRY(read_number(' '));
        const std::int64_t folders = MERLON_TRY(read_number('\n'));
        if (folders < 0 || entries > UINT32_MAX) return malformed();
        if (entries >= 0) {
            const std::size_t hash = hash_bytes_of(algorithm_);
            if (bytes_.size() - at_ < hash) return malformed();
            tree.entries = static_cast<std::uint32_t>(entries);
            tree.id = ObjectId::from_bytes(algorithm_, bytes_.data() + at_);
            at_ += hash;
        }
        trees_.push_back(tree);
        return static_cast<std::uint64_t>(folders);
    }

    std::string_view bytes_;
    HashAlgorithm algorithm_;
    std::size_t at_ = 0;
    std::vector<CachedTree> trees_;
};

}  // namespace

Result<std::vector<CachedTree>> parse_cached_trees(std::string_view bytes,
                                                   HashAlgorithm algorithm) {
    return TreeReader(bytes, algorithm).read();
}

Result<IndexView> IndexView::open(const std::string& path, HashAlgorithm algorithm) {
    IndexView view(algorithm);
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    if (status.failure == FileFailure::kNotFound) {
        view.joined_ = index_bytes({}, algorithm);
        return view;
    }
    if (!status.ok()) return status.result.error();
    view.modified_ns_ = status.result.value().modified_ns;
    view.mapped_ = MERLON_TRY(MappedFile::open(path));
    Status whole = view.mapped_->checked([&](std::string_view) {
        Status read = view.read(path);
        return read.ok() ? read : Status(std::move(read).error().at(path, 0, 0));
    });
    if (!whole.ok()) return std::move(whole).error();
    if (!view.joined_.empty()) view.mapped_.reset();
    return view;
}

Status IndexView::guarded(const std::function<Status()>& read) const {
    if (!mapped_) return read();
    return mapped_->checked([&](std::string_view) { return read(); });
}

Result<IndexView> IndexView::of(std::string bytes, HashAlgorithm algorithm) {
    IndexView view(algorithm);
    view.joined_ = std::move(bytes);
    if (Status read = view.read({}); !read.ok()) return std::move(read).error();
    return view;
}

Status IndexView::read(const std::string& path) {
    IndexCursor cursor = MERLON_TRY(IndexCursor::open(bytes(), algorithm_));
    const bool can_jump = !cursor.has_shared_names() && bytes().size() <= UINT32_MAX;
    offsets_.clear();
    if (can_jump) offsets_.reserve(cursor.count() / kStride + 1);
    for (std::size_t begin = cursor.offset(); cursor.next(); begin = cursor.offset()) {
        if (can_jump && (cursor.passed() - 1) % kStride == 0) {
            offsets_.push_back(static_cast<std::uint32_t>(begin));
        }
        const std::string_view name = cursor.path();
        if (!name.ends_with(kAttributesFile) || cursor.stage() != 0) continue;
        const std::string_view folder = name.substr(0, name.size() - kAttributesFile.size());
        if (!folder.empty() && folder.back() != '/') continue;
        attribute_files_.emplace(folder, cursor.id());
    }
    if (cursor.error()) return *cursor.error();
    bool is_split = false;
    MERLON_TRY(read_extensions(cursor.offset(), is_split));
    if (!is_split) return {};
    if (path.empty()) return Error{"is a split index, and the file of its other part is not known"};
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
    const auto shared = [&](const ObjectId& id) {
        return read_text_file(folder + "/sharedindex." + id.hex(), kMaxIndexBytes);
    };
    joined_ = index_bytes(MERLON_TRY(parse_index(bytes(), algorithm_, shared)), algorithm_);
    trees_.clear();
    attribute_files_.clear();
    return read({});
}

Status IndexView::read_extensions(std::size_t offset, bool& is_split) {
    const std::string_view all = bytes();
    const std::size_t end = all.size() - hash_bytes_of(algorithm_);
    while (end - offset >= 8) {
        const std::string_view name = all.substr(offset, 4);
        const std::size_t size = load_be32(all.data() + offset + 4);
        if (size > end - offset - 8) return Error{"an extension is cut short", offset};
        const std::string_view content = all.substr(offset + 8, size);
        offset += 8 + size;
        if (name == "TREE") {
            trees_ = MERLON_TRY(parse_cached_trees(content, algorithm_));
        } else if (name == "link") {
            is_split = content.find_first_not_of('\0') < hash_bytes_of(algorithm_);
        } else if (name != "sdir" && (name.front() < 'A' || name.front() > 'Z')) {
            // Lower case: it cannot be understood without.
            return Error{"has the extension '" + std::string(name) + "', which is not known"};
        }
    }
    if (offset != end) return Error{"has bytes behind its extensions", offset};
    return {};
}

bool IndexView::move(IndexCursor& cursor, std::uint32_t count) const {
    const std::size_t last = std::size_t{cursor.passed()} + count - 1;
    const std::size_t stop = last / kStride * kStride;
    if (stop > cursor.passed() && last < cursor.count() && last / kStride < offsets_.size()) {
        cursor.jump(offsets_[last / kStride], static_cast<std::uint32_t>(stop) - cursor.passed());
        count = static_cast<std::uint32_t>(last - stop) + 1;
    }
    bool there = true;
    for (; count > 0 && there; --count) there = cursor.next();
    return there;
}

IndexCursor IndexView::entries() const {
    Result<IndexCursor> cursor = IndexCursor::open(bytes(), algorithm_);
    MERLON_ASSERT(cursor.ok());  // it has been read once
    return std::move(cursor).value();
}

}  // namespace merlon::connect::git
