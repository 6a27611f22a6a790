// Tiles: the part of a row of weights or deltas that is kept in registers at once. Part of
// kernels.cpp and, like it, compiled once for each instruction set. Hence Highway's form of the
// include guard, which is open once for each.
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
constexpr std::size_t kChains = kRowMultiple / kLanes;  // vectors that hold 16 partial sums
constexpr std::size_t kRegisters = HWY_MAX_BYTES == 64 || HWY_TARGET == HWY_NEON ? 32 : 16;

/// Calls kernel(column, number of vectors as an integral_constant) for tiles that cover the columns
/// from `column` to `columns`. A tile has kVectors vectors; the last ones have fewer.
template <std::size_t kVectors, class Kernel>
HWY_INLINE void for_tiles(std::size_t column, std::size_t columns, const Kernel& kernel) {
  for (; column + kVectors * kLanes <= columns; column += kVectors * kLanes) {
    kernel(column, std::integral_constant<std::size_t, kVectors>());
  }
  if constexpr (kVectors > 1) for_tiles<kVectors / 2>(column, columns, kernel);
}

// Work around GCC 12, which generates slower code without these two.

/// Makes the compiler address a tile relative to `pointer`. Otherwise it keeps an offset for each
/// vector in a register, runs out of registers, and spills.
HWY_INLINE void keep_in_register(const float*& pointer) { asm("" : "+r"(pointer)); }

/// Makes the compiler load `vector` once. Otherwise it loads it again for each use.
HWY_INLINE void keep_in_register(Vector& vector) {
#if HWY_TARGET == HWY_EMU128
  (void)vector;  // an array of floats, which Clang cannot keep in a register
#elif HWY_ARCH_X86
  asm("" : "+v"(vector.raw));
#elif HWY_ARCH_ARM
  asm("" : "+w"(vector.raw));
#endif
}

/// Calls body(0), body(1), ... unrolled, so that the vectors that it indexes stay in registers.
template <class Body, std::size_t... kIndex>
HWY_INLINE void repeat(std::index_sequence<kIndex...> /*indices*/, const Body& body) {
  (body(kIndex), ...);
}

/// The indices of the vectors of a tile, for repeat().
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

/// The sum of a vector's lanes: lanes i and i + half are added until one is left.
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

/// The sum of 16 partial sums, in the order of dot_rows().
HWY_INLINE float add_up(Vector (&numbers)[kChains]) {
  for (std::size_t half = kChains / 2; half > 0; half /= 2) {
    for (std::size_t v = 0; v < half; ++v) numbers[v] = hn::Add(numbers[v], numbers[v + half]);
  }
  return add_lanes(kFloats, numbers[0]);
}

#if HWY_MAX_BYTES == 64
/// The same for four times 16 partial sums, in fewer than half of the instructions.
HWY_INLINE void add_up_four(const float* numbers, float (&sums)[4]) {
  // Each addition halves the partial sums of a, b, c and d: to a vector of two times 8, then of
  // four times 4, and then within each block of 4 lanes.
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
