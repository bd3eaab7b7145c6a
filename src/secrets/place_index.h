#pragma once

// Places in one text that may overlap, sorted by where they begin and found by halving.
//
// The idea: beside each place stands how far it and those before it reach; that never falls, so the
// first place which may touch a range is found without looking at those in front.
//
// Values; thread-safe to read once finish() was called. Cost: n log n to finish, log n and the
// places in the range to ask.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace merlon::secrets {

class PlaceIndex {
  public:
    struct Place {
        std::uint64_t begin;
        std::uint64_t end;
        std::uint64_t reach = 0;  // the furthest end of this place and those before it
    };

    void add(std::uint64_t begin, std::uint64_t end) { places_.push_back({begin, end}); }
    // Before anything is asked. Places that begin together keep their order.
    void finish();

    std::size_t size() const { return places_.size(); }
    const Place& operator[](std::size_t index) const { return places_[index]; }

    // The first place that may end behind `offset`; those behind it have to be looked at, up to the
    // first that begins too late.
    std::size_t first_reaching(std::uint64_t offset) const;
    bool overlaps(std::uint64_t begin, std::uint64_t end) const;

  private:
    std::vector<Place> places_;
};

}  // namespace merlon::secrets
