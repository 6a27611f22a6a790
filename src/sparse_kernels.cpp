// Compiled once for each instruction set; the best is chosen at run time. Highway's way: this file
// includes itself through foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sparse_kernels.cpp"
// Their vectors have no size, so they cannot be kept in the arrays below; NEON serves those
// processors.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "mnist_train/sparse_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kRowMultiple>;
using Vector = hn::Vec<Floats>;
constexpr Floats kFloats;
constexpr std::size_t kLanes = hn::MaxLanes(kFloats);

// A tile is as many columns of a row as are summed in registers at once: half of those that the
// instruction set has.
constexpr std::size_t kTileVectors = HWY_MAX_BYTES == 64 || HWY_TARGET == HWY_NEON ? 16 : 8;

/// Calls kernel(column, number of vectors as a type) for tiles that cover `columns` columns.
template <std::size_t kVectors = kTileVectors, class Kernel>
HWY_INLINE void for_tiles(std::size_t column, std::size_t columns, const Kernel& kernel) {
  for (; column + kVectors * kLanes <= columns; column += kVectors * kLanes) {
    kernel(column, std::integral_constant<std::size_t, kVectors>());
  }
  if constexpr (kVectors > 1) for_tiles<kVectors / 2>(column, columns, kernel);
}

/// Makes the compiler address what follows relative to `pointer`. Without it GCC keeps an offset
/// for each vector of a tile in a register of its own, and spills them.
HWY_INLINE void keep_in_register(const float*& pointer) { asm("" : "+r"(pointer)); }

/// sums[v] += sum of entry.value * rows[entry.index] over the entries, for the tile at `column`.
template <std::size_t kVectors>
HWY_INLINE void add_rows(Vector (&sums)[kVectors], const Entry* entry, const Entry* end,
                         const Rows& rows, std::size_t column) {
  for (; entry != end; ++entry) {
    const Vector value = hn::Set(kFloats, entry->value);
    const float* row = rows[entry->index] + column;
    keep_in_register(row);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::MulAdd(value, hn::Load(kFloats, row + v * kLanes), sums[v]);
    }
  }
}

/// Adds to an image's outputs the weight rows of its entries from `entry` to before `end`, for the
/// tile at `column`.
template <std::size_t kVectors>
HWY_INLINE void add_to_output(const Rows& weights, const Entry* entry, const Entry* end,
                              std::size_t column, float* output) {
  Vector sums[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) sums[v] = hn::Load(kFloats, output + v * kLanes);
  add_rows(sums, entry, end, weights, column);
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[v], kFloats, output + v * kLanes);
}

// Block by block of weight rows, each small enough to stay in the first-level cache until all
// images have used it.
void forward(const LayerView& layer, const EntryLists& by_image, Range images, Rows outputs) {
  constexpr std::size_t kBlockBytes = std::size_t{16} * 1024;
  const float* const biases = layer.weights[layer.inputs];
  std::array<const Entry*, kForwardImages> next{};
  for_tiles(0, outputs.stride, [&](std::size_t column, auto vectors) HWY_ATTR {
    constexpr std::size_t kTile = vectors() * kLanes;
    constexpr std::size_t kBlock = kBlockBytes / (kTile * sizeof(float));
    for (std::size_t b = images.begin; b < images.end; ++b) {
      next[b - images.begin] = by_image.entries + by_image.begin[b];
      std::copy_n(biases + column, kTile, outputs[b] + column);
    }
    for (std::size_t block_end = kBlock; block_end < layer.inputs + kBlock; block_end += kBlock) {
      for (std::size_t b = images.begin; b < images.end; ++b) {
        const Entry*& entry = next[b - images.begin];
        const Entry* const last = by_image.entries + by_image.end[b];
        const Entry* end = entry;
        while (end != last && end->index < block_end) ++end;
        if (entry == end) continue;
        add_to_output<vectors()>(layer.weights, entry, end, column, outputs[b] + column);
        entry = end;
      }
    }
  });
}

std::size_t compress_active(const float* outputs, std::size_t stride, Entry* entries) {
  const hn::RebindToUnsigned<Floats> indices;
  static_assert(sizeof(Entry) == 2 * sizeof(float));
  std::size_t size = 0;
  for (std::size_t i = 0; i < stride; i += kLanes) {
    const Vector output = hn::Load(kFloats, outputs + i);
    const auto on = hn::Not(hn::Le(output, hn::Zero(kFloats)));
    const auto index = hn::Iota(indices, static_cast<std::uint32_t>(i));
    hn::StoreInterleaved2(hn::BitCast(kFloats, hn::Compress(index, hn::RebindMask(indices, on))),
                          hn::Compress(output, on), kFloats,
                          reinterpret_cast<float*>(entries + size));
    size += hn::CountTrue(kFloats, on);
  }
  return size;
}

void rectify(float* outputs, std::size_t stride) {
  for (std::size_t i = 0; i < stride; i += kLanes) {
    const Vector output = hn::Load(kFloats, outputs + i);
    const auto off = hn::Le(output, hn::Zero(kFloats));
    hn::Store(hn::IfThenZeroElse(off, output), kFloats, outputs + i);
  }
}

void mask(const float* outputs, std::size_t stride, float* deltas) {
  for (std::size_t i = 0; i < stride; i += kLanes) {
    const auto off = hn::Le(hn::Load(kFloats, outputs + i), hn::Zero(kFloats));
    hn::Store(hn::IfThenZeroElse(off, hn::Load(kFloats, deltas + i)), kFloats, deltas + i);
  }
}

/// The dot products of `weights` with the deltas of kImages images.
template <std::size_t kImages>
HWY_INLINE void dot(const float* HWY_RESTRICT weights, const Entry* entry, const Rows& deltas,
                    Rows input_deltas, std::size_t input) {
  Vector sums[kImages];
  for (std::size_t k = 0; k < kImages; ++k) sums[k] = hn::Zero(kFloats);
  const float* delta[kImages];
  for (std::size_t k = 0; k < kImages; ++k) delta[k] = deltas[entry[k].index];
  for (std::size_t column = 0; column < deltas.stride; column += kLanes) {
    const Vector weight = hn::Load(kFloats, weights + column);
    for (std::size_t k = 0; k < kImages; ++k) {
      sums[k] = hn::MulAdd(weight, hn::Load(kFloats, delta[k] + column), sums[k]);
    }
  }
  for (std::size_t k = 0; k < kImages; ++k) {
    input_deltas[entry[k].index][input] = hn::GetLane(hn::SumOfLanes(kFloats, sums[k]));
  }
}

void backward(const LayerView& layer, const EntryLists& by_input, Range inputs, Rows deltas,
              Rows input_deltas) {
  for (std::size_t i = inputs.begin; i < inputs.end; ++i) {
    const float* weights = layer.weights[i];
    const Entry* entry = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    for (; entry + 4 <= end; entry += 4) dot<4>(weights, entry, deltas, input_deltas, i);
    if (end - entry == 3) dot<3>(weights, entry, deltas, input_deltas, i);
    if (end - entry == 2) dot<2>(weights, entry, deltas, input_deltas, i);
    if (end - entry == 1) dot<1>(weights, entry, deltas, input_deltas, i);
  }
}

void update(const LayerView& layer, const EntryLists& by_input, Range rows, Rows deltas,
            const SgdStep& sgd) {
  const Vector lr = hn::Set(kFloats, sgd.lr);
  const Vector momentum = hn::Set(kFloats, sgd.momentum);
  const Vector weight_decay = hn::Set(kFloats, sgd.weight_decay);
  const bool plain = layer.velocity.data == nullptr;
  for (std::size_t i = rows.begin; i < rows.end; ++i) {
    const Entry* const begin = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    if (layer.skips_idle_rows && begin == end) continue;
    for_tiles(0, deltas.stride, [&](std::size_t column, auto vectors) HWY_ATTR {
      Vector gradient[vectors()];
      for (std::size_t v = 0; v < vectors(); ++v) gradient[v] = hn::Zero(kFloats);
      add_rows(gradient, begin, end, deltas, column);
      for (std::size_t v = 0; v < vectors(); ++v) {
        float* const w = layer.weights[i] + column + v * kLanes;
        const Vector weight = hn::Load(kFloats, w);
        Vector change = gradient[v];
        if (!plain) {
          float* const old = layer.velocity[i] + column + v * kLanes;
          change = hn::MulAdd(weight_decay, weight, change);
          change = hn::MulAdd(momentum, hn::Load(kFloats, old), change);
          hn::Store(change, kFloats, old);
        }
        hn::Store(hn::NegMulAdd(lr, change, weight), kFloats, w);
      }
    });
  }
}

void catch_up(const LayerView& layer, std::size_t row, const IdleSteps& steps) {
  const Vector ww = hn::Set(kFloats, steps.ww);
  const Vector wv = hn::Set(kFloats, steps.wv);
  const Vector vw = hn::Set(kFloats, steps.vw);
  const Vector vv = hn::Set(kFloats, steps.vv);
  float* const weights = layer.weights[row];
  float* const velocity = layer.velocity[row];
  for (std::size_t column = 0; column < layer.weights.stride; column += kLanes) {
    const Vector w = hn::Load(kFloats, weights + column);
    const Vector v = hn::Load(kFloats, velocity + column);
    hn::Store(hn::MulAdd(ww, w, hn::MulAdd(wv, v, w)), kFloats, weights + column);
    hn::Store(hn::MulAdd(vw, w, hn::Mul(vv, v)), kFloats, velocity + column);
  }
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist {

HWY_EXPORT(compress_active);
HWY_EXPORT(rectify);
HWY_EXPORT(mask);
HWY_EXPORT(forward);
HWY_EXPORT(backward);
HWY_EXPORT(update);
HWY_EXPORT(catch_up);
HWY_EXPORT(target);

std::size_t compress_active(const float* outputs, std::size_t stride, Entry* entries) {
  return HWY_DYNAMIC_DISPATCH(compress_active)(outputs, stride, entries);
}

void rectify(float* outputs, std::size_t stride) { HWY_DYNAMIC_DISPATCH(rectify)(outputs, stride); }

void mask(const float* outputs, std::size_t stride, float* deltas) {
  HWY_DYNAMIC_DISPATCH(mask)(outputs, stride, deltas);
}

void forward(const LayerView& layer, const EntryLists& by_image, Range images, Rows outputs) {
  HWY_DYNAMIC_DISPATCH(forward)(layer, by_image, images, outputs);
}

void backward(const LayerView& layer, const EntryLists& by_input, Range inputs, Rows deltas,
              Rows input_deltas) {
  HWY_DYNAMIC_DISPATCH(backward)(layer, by_input, inputs, deltas, input_deltas);
}

void update(const LayerView& layer, const EntryLists& by_input, Range rows, Rows deltas,
            const SgdStep& sgd) {
  HWY_DYNAMIC_DISPATCH(update)(layer, by_input, rows, deltas, sgd);
}

void catch_up(const LayerView& layer, std::size_t row, const IdleSteps& steps) {
  HWY_DYNAMIC_DISPATCH(catch_up)(layer, row, steps);
}

const char* simd_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

void limit_simd(const std::string& capability) {
  // Of x86's targets the better ones have the lower bits, and none of them is another processor's.
  if (capability == "avx2") hwy::DisableTargets(HWY_AVX2 - 1);
  if (capability == "default") hwy::DisableTargets(HWY_AVX2 * 2 - 1);
}

}  // namespace mnist

#endif  // HWY_ONCE
