// Tiles: the part of a row of weights or deltas that is kept in registers at once. This file is
// for kernels.cpp and, like that, compiled once for each instruction set. The include guard is
// therefore Highway's, which lets each of them pass once.
#if defined(MNIST_TRAIN_TILES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_TRAIN_TILES_INL_H
#undef MNIST_TRAIN_TILES_INL_H
#else
#define MNIST_TRAIN_TILES_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernels/storage.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kRowMultiple>;
using Vector = hn::Vec<Floats>;
constexpr Floats kFloats;
constexpr std::size_t kLanes = hn::MaxLanes(kFloats);
constexpr std::size_t kChains = kRowMultiple / kLanes;  // vectors for one number per column mod 16
constexpr std::size_t kRegisters = HWY_MAX_BYTES == 64 || HWY_TARGET == HWY_NEON ? 32 : 16;

/// Calls kernel(column, number of vectors as a type) for tiles that cover the columns from `column`
/// to `columns`. A tile has kVectors vectors; the last ones have fewer.
template <std::size_t kVectors, class Kernel>
HWY_INLINE void for_tiles(std::size_t column, std::size_t columns, const Kernel& kernel) {
  for (; column + kVectors * kLanes <= columns; column += kVectors * kLanes) {
    kernel(column, std::integral_constant<std::size_t, kVectors>());
  }
  if constexpr (kVectors > 1) for_tiles<kVectors / 2>(column, columns, kernel);
}

// GCC 12 needs these two; a better compiler would do the same by itself.

/// Makes the compiler address a tile relative to `pointer`. Else it keeps an offset for each vector
/// in a register of its own, has too few registers, and stores some of them in memory.
HWY_INLINE void keep_in_register(const float*& pointer) { asm("" : "+r"(pointer)); }

/// Makes the compiler load `vector` once. Else it loads it again for each use.
HWY_INLINE void keep_in_register(Vector& vector) {
#if HWY_TARGET == HWY_EMU128
  (void)vector;  // here a vector is an array of floats, which Clang puts in no register
#elif HWY_ARCH_X86
  asm("" : "+v"(vector.raw));
#elif HWY_ARCH_ARM
  asm("" : "+w"(vector.raw));
#endif
}

/// Calls body(0), body(1), ... without a loop, so that the vectors it indexes stay in registers.
template <class Body, std::size_t... kIndex>
HWY_INLINE void repeat(std::index_sequence<kIndex...> /*indices*/, const Body& body) {
  (body(kIndex), ...);
}

/// All vectors of a tile, for repeat().
template <std::size_t kVectors>
constexpr std::make_index_sequence<kVectors> kEach;

template <std::size_t kVectors>
HWY_INLINE void load(const float* from, Vector (&to)[kVectors]) {
  repeat(kEach<kVectors>,
         [&](std::size_t v) HWY_ATTR { to[v] = hn::Load(kFloats, from + v * kLanes); });
}

template <std::size_t kVectors>
HWY_INLINE void store(const Vector (&from)[kVectors], float* to) {
  repeat(kEach<kVectors>,
         [&](std::size_t v) HWY_ATTR { hn::Store(from[v], kFloats, to + v * kLanes); });
}

template <std::size_t kVectors>
HWY_INLINE void set_zero(Vector (&to)[kVectors]) {
  repeat(kEach<kVectors>, [&](std::size_t v) HWY_ATTR { to[v] = hn::Zero(kFloats); });
}

/// sums += entry.value * rows[entry.index], for the tile at `column`.
template <std::size_t kVectors>
HWY_INLINE void add_row(Vector (&sums)[kVectors], const Entry& entry, const Rows& rows,
                        std::size_t column) {
  const Vector value = hn::Set(kFloats, entry.value);
  const float* row = rows[entry.index] + column;
  keep_in_register(row);
  repeat(kEach<kVectors>, [&](std::size_t v) HWY_ATTR {
    sums[v] = hn::MulAdd(value, hn::Load(kFloats, row + v * kLanes), sums[v]);
  });
}

/// The sum of a vector's lanes: of lanes i and i + half, again and again.
template <class Tag>
HWY_INLINE float add_lanes([[maybe_unused]] Tag tag, hn::Vec<Tag> vector) {
#if HWY_TARGET == HWY_SCALAR
  return hn::GetLane(vector);
#else
  if constexpr (hn::MaxLanes(tag) > 4) {
    const hn::Half<Tag> half;
    return add_lanes(half, hn::Add(hn::LowerHalf(half, vector), hn::UpperHalf(half, vector)));
  } else {
    vector = hn::Add(vector, hn::Shuffle1032(vector));
    return hn::GetLane(hn::Add(vector, hn::Shuffle2301(vector)));
  }
#endif
}

/// The sum of 16 numbers, in the order that dot_rows() is described with.
HWY_INLINE float add_up(Vector (&numbers)[kChains]) {
  for (std::size_t half = kChains / 2; half > 0; half /= 2) {
    for (std::size_t v = 0; v < half; ++v) numbers[v] = hn::Add(numbers[v], numbers[v + half]);
  }
  return add_lanes(kFloats, numbers[0]);
}

#if HWY_MAX_BYTES == 64
/// The sums of four times 16 numbers, each in that order, with less than half of the operations.
HWY_INLINE void add_up_four(const float* numbers, float (&sums)[4]) {
  // Each addition halves what is left of the numbers a, b, c and d: a vector of two times 8 parts,
  // one of four times 4, and then each block of 4 lanes within itself.
  const auto halve = [](const float* of_two) HWY_ATTR {
    const Vector first = hn::Load(kFloats, of_two);
    const Vector second = hn::Load(kFloats, of_two + kRowMultiple);
    return hn::Add(hn::ConcatLowerLower(kFloats, second, first),
                   hn::ConcatUpperUpper(kFloats, second, first));
  };
  const Vector ab = halve(numbers);
  const Vector cd = halve(numbers + 2 * kRowMultiple);
  Vector acbd = hn::Add(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(cd), ab),
                        hn::OddEvenBlocks(cd, hn::SwapAdjacentBlocks(ab)));
  acbd = hn::Add(acbd, hn::Shuffle1032(acbd));
  acbd = hn::Add(acbd, hn::Shuffle2301(acbd));
  alignas(HWY_MAX_BYTES) float lanes[kLanes];
  hn::Store(acbd, kFloats, lanes);
  sums[0] = lanes[0];
  sums[1] = lanes[8];
  sums[2] = lanes[4];
  sums[3] = lanes[12];
}
#endif

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
