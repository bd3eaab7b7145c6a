#pragma once

// Takes the objects of a pack apart, one tree of deltas after the other, for a bulk read; see
// bulk_read.h. A reader serves one worker.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/bulk_read.h"
#include "connect/git/pack_plan.h"

namespace merlon::connect::git {

// Memory that goes from object to object, so that the system is rarely asked for it.
class BufferPool {
  public:
    struct Buffer {
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
        std::size_t size = 0;

        std::string_view view() const { return {bytes.get(), size}; }
    };

    // Room for `size` bytes, with zeros behind; empty where there is no memory.
    std::optional<Buffer> take(std::uint64_t size);
    void give_back(Buffer buffer);

  private:
    static constexpr std::size_t kLeastBytes = std::size_t{64} << 10;
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
    std::vector<Buffer> free_;
    std::size_t pooled_ = 0;
};

// One worker: resolves one tree of deltas after the other.
class TreeReader {
  public:
    TreeReader(const ObjectDatabase& database, unsigned worker,
               const std::function<void(unsigned, const BulkObject&)>& visit)
        : database_(database), worker_(worker), visit_(visit) {}

    BulkReport report;

    void read(const PackPlan& plan, std::uint32_t root);
    // Through the database, as one object.
    void read_alone(std::uint32_t number, const ObjectId& id,
                    const std::function<bool(std::uint32_t, ObjectType)>& wanted);
    void add_problem(const PackPlan& plan, std::uint32_t rank, ObjectFailure failure,
                     const std::string& message);

  private:
    struct Frame {
        std::uint32_t rank = 0;
        std::uint32_t next = 0;  // of its children
        BufferPool::Buffer content;
    };
    struct Failed {
        ObjectFailure failure;
        std::string message;
    };

    void read_tree(const PackPlan& plan, std::uint32_t root, std::string_view bytes);
    void visit(const PackPlan& plan, const Frame& frame, const Frame* base);
    void accept(const BulkObject& object);
    // For those that hang from it.
    void keep(const PackPlan& plan, Frame frame);
    // The bytes of `rank`, from its base where it is a delta. Where that fails, all that hang from
    // it are problems too.
    bool make(const PackPlan& plan, std::uint32_t rank, const BufferPool::Buffer* base,
              std::string_view bytes, BufferPool::Buffer& content);
    std::optional<Failed> make_or_fail(const PackPlan& plan, std::uint32_t rank,
                                       const BufferPool::Buffer* base, std::string_view bytes,
                                       BufferPool::Buffer& content);
    std::optional<Failed> make_room(std::uint64_t size, BufferPool::Buffer& content);
    std::optional<Failed> inflate(std::string_view packed, std::uint64_t size,
                                  BufferPool::Buffer& content);

    const ObjectDatabase& database_;
    unsigned worker_;
    const std::function<void(unsigned, const BulkObject&)>& visit_;
    BufferPool pool_;
    BufferPool::Buffer delta_;
    std::vector<Frame> stack_;
};

}  // namespace merlon::connect::git
