#pragma once

// A tar that is read under the limits of its outermost file, and what becomes of its members.
//
// Not thread-safe: one for each archive. Borrows all that it is given. Memory: a member, or where
// it is larger than the visitor wants in memory, a buffer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/archive.h"
#include "text/archive_member.h"
#include "text/archive_meter.h"
#include "text/archive_outlet.h"
#include "text/stream_layers.h"
#include "text/tar_reader.h"

namespace merlon::text {

// Whatever comes out of the tar is taken from the budget, what is passed over too.
class MeteredTar {
  public:
    // `layers`: the streams of which the tar is the content, where there are any.
    MeteredTar(PackedBytes packed, TarReading reading, Meter& meter, StreamLayers* layers)
        : reader_(std::move(packed), reading), meter_(meter), layers_(layers) {}

    // Nothing where a limit ends it: why() says which.
    std::optional<TarStep> next();
    // The content of the member, or what comes before a damage or the limit; kLarge: more than
    // `most` bytes. They live until the next call, the rest of a large one is still to be read.
    ReadOutcome read_content(std::uint64_t most, std::string_view& bytes);
    // The next bytes of the content, at most `most`; none at the end, nothing where it failed.
    std::optional<std::string_view> read(std::size_t most);
    // kFailed or kStop, where read() gave nothing.
    ReadOutcome failure() const { return failure_; }
    const std::string& why() const { return why_; }

    // Behind the end: passes over zeros, and says whether something follows. Nothing as in next().
    std::optional<bool> skip_zeros();
    // Reads on to the end of the bytes. False where a limit ends that.
    bool drain();

    TarReader& reader() { return reader_; }
    const TarMember& member() const { return reader_.member(); }

  private:
    // False where that was too much.
    bool charge();

    TarReader reader_;
    Meter& meter_;
    StreamLayers* layers_;
    std::uint64_t charged_ = 0;
    ReadOutcome failure_ = ReadOutcome::kRead;
    std::string why_;
    std::string content_;
};

class TarWalk {
  public:
    TarWalk(PackedBytes packed, StreamLayers* layers, ArchiveBudget& budget, Meter& meter,
            const ArchiveVisitor& visitor)
        : tar_(std::move(packed), TarReading::kTolerant, meter, layers),
          layers_(layers),
          budget_(budget),
          visitor_(visitor),
          outlet_(budget, meter, visitor) {}

    // False where it did not come to the end.
    bool run();
    ArchiveOutlet& outlet() { return outlet_; }

  private:
    bool take_member();
    bool take_large();
    // Where reading a member failed. False where that ends the walk.
    bool fail(std::string name, ReadOutcome outcome);
    bool stop();
    // Looks behind the tar's end: kMore where another one follows, nothing where a limit ended it.
    std::optional<TarStep> look_behind();
    bool finish();

    MeteredTar tar_;
    StreamLayers* layers_;
    ArchiveBudget& budget_;
    const ArchiveVisitor& visitor_;
    ArchiveOutlet outlet_;
};

}  // namespace merlon::text
