#pragma once

#include <cstdint>

namespace mnist {

/// Random numbers that are a pure function of a key, so that each image of each epoch has its own,
/// independent of earlier draws. Source: SplitMix64, in G. Steele, D. Lea, C. Flood, "Fast
/// Splittable Pseudorandom Number Generators", 2014.
class KeyedRandom {
 public:
  KeyedRandom(std::uint64_t seed, std::uint64_t epoch, std::uint64_t image) {
    for (const std::uint64_t part : {seed, epoch, image}) {
      state_ += part;
      state_ = next();
    }
  }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }

  /// A number from 0 to count - 1, from the upper half of next(). `count` is less than 2^32.
  std::uint64_t below(std::uint64_t count) { return (next() >> 32) * count >> 32; }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace mnist
