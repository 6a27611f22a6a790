// Tiles: as much of a row of weights or deltas as is kept in registers at once. For
// sparse_kernels.cpp, and like that compiled once for each instruction set: hence the include
// guard, which is Highway's.
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

#include "sparse/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kRowMultiple>;
using Vector = hn::Vec<Floats>;
constexpr Floats kFloats;
constexpr std::size_t kLanes = hn::MaxLanes(kFloats);
constexpr std::size_t kRegisters = HWY_MAX_BYTES == 64 || HWY_TARGET == HWY_NEON ? 32 : 16;

/// Calls kernel(column, number of vectors as a type) for tiles, of kVectors vectors and at the end
/// fewer, that cover `columns` columns.
template <std::size_t kVectors, class Kernel>
HWY_INLINE void for_tiles(std::size_t column, std::size_t columns, const Kernel& kernel) {
  for (; column + kVectors * kLanes <= columns; column += kVectors * kLanes) {
    kernel(column, std::integral_constant<std::size_t, kVectors>());
  }
  if constexpr (kVectors > 1) for_tiles<kVectors / 2>(column, columns, kernel);
}

// The compiler would find these two out by itself, but GCC 12 does not.

/// Addresses what follows relative to `pointer`, rather than keep an offset for each vector of a
/// tile in a register of its own, and spill them.
HWY_INLINE void keep_in_register(const float*& pointer) { asm("" : "+r"(pointer)); }

/// Loads `vector` once, rather than anew for each use.
HWY_INLINE void keep_in_register(Vector& vector) {
#if HWY_TARGET == HWY_EMU128
  (void)vector;  // an array of floats, which Clang puts in no register
#elif HWY_ARCH_X86
  asm("" : "+v"(vector.raw));
#elif HWY_ARCH_ARM
  asm("" : "+w"(vector.raw));
#endif
}

/// body(0), body(1), ... written out, so that what it indexes stays in registers.
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

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
