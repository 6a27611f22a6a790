// This file is compiled once for each instruction set, and the best one is chosen at run time:
// Highway's foreach_target.h includes it repeatedly.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kernels.cpp"
// Vectors of these targets have no fixed size, so they cannot be elements of the arrays below. On
// ARM NEON is used in their place.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <string>

#include "base/process.h"
#include "kernels/kernels.h"
#include "kernels/sgd-inl.h"
#include "kernels/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

// The weight rows are processed in blocks: a tile of a block stays in the L1 cache until all images
// have used it.
void accumulate_rows(const LayerWeights& layer, const EntryLists& by_image, Range images,
                     Rows outputs) {
  constexpr std::size_t kBlockFloats = std::size_t{8} * 1000;
  const float* const biases = layer.weights[layer.inputs];
  std::array<const Entry*, kForwardImages> next{};
  for_tiles<kRegisters / 2>(0, layer.width, [&](std::size_t column, auto vectors) HWY_ATTR {
    constexpr std::size_t block_rows = kBlockFloats / (vectors() * kLanes);
    for (std::size_t b = images.begin; b < images.end; ++b) {
      next[b - images.begin] = by_image.entries + by_image.begin[b];
      std::copy_n(biases + column, vectors() * kLanes, outputs[b] + column);
    }
    for (std::size_t end = block_rows; end < layer.inputs + block_rows; end += block_rows) {
      for (std::size_t b = images.begin; b < images.end; ++b) {
        const Entry* entry = next[b - images.begin];
        if (entry->index >= end) continue;
        float* const output = outputs[b] + column;
        Vector sums[vectors()];
        load(output, sums);
        do {
          add_row(sums, *entry++, layer.weights, column);
        } while (entry->index < end);
        store(sums, output);
        next[b - images.begin] = entry;
      }
    }
  });
}

/// dot_rows() for kImages entries of one input, which share the loads of its weights.
template <std::size_t kImages>
HWY_INLINE void dot_row(const LayerWeights& layer, std::size_t row, const Entry* entries,
                        Rows deltas, GroupRows input_deltas) {
  const float* of_image[kImages];
  for (std::size_t k = 0; k < kImages; ++k) of_image[k] = deltas[entries[k].index];
  std::size_t group = 0;
  for (std::size_t begin = 0; begin < layer.width; begin += layer.group, ++group) {
    const std::size_t end = std::min(begin + layer.group, layer.width);
    Vector sums[kImages][kChains];
    for (std::size_t k = 0; k < kImages; ++k) set_zero(sums[k]);
    for (std::size_t column = begin; column < end; column += kRowMultiple) {
      Vector weights[kChains];
      load(layer.weights[row] + column, weights);
      for (std::size_t k = 0; k < kImages; ++k) {
        repeat(kEach<kChains>, [&](std::size_t v) HWY_ATTR {
          const Vector delta = hn::Load(kFloats, of_image[k] + column + v * kLanes);
          sums[k][v] = hn::MulAdd(weights[v], delta, sums[k][v]);
        });
      }
    }
    for (std::size_t k = 0; k < kImages; ++k) {
      input_deltas[group][entries[k].index][row] = add_up(sums[k]);
    }
  }
}

void dot_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              GroupRows input_deltas) {
  constexpr std::size_t kAtOnce = 4;
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const Entry* entry = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    for (; end - entry >= std::ptrdiff_t{kAtOnce}; entry += kAtOnce) {
      dot_row<kAtOnce>(layer, i, entry, deltas, input_deltas);
    }
    for (; entry != end; ++entry) dot_row<1>(layer, i, entry, deltas, input_deltas);
  }
}

void update_rows(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
                 const SgdStep& sgd) {
  for (std::size_t i = rows.begin; i < rows.end; ++i) {
    const Entry* const begin = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    if (layer.skips_empty_rows && begin == end) continue;
    for_tiles<8>(0, layer.width, [&](std::size_t column, auto vectors) HWY_ATTR {
      Vector gradient[vectors()];
      set_zero(gradient);
      for (const Entry* entry = begin; entry != end; ++entry) {
        add_row(gradient, *entry, deltas, column);
      }
      sgd_step(layer, i, column, gradient, sgd);
    });
  }
}

/// dot_and_update_rows() for one input and one group of columns. Each vector of deltas is loaded
/// once for both products.
HWY_INLINE void dot_and_update_row(const LayerWeights& layer, std::size_t row, Range columns,
                                   std::span<const Entry> images, Rows deltas, Rows input_deltas,
                                   float* scratch, const SgdStep& sgd) {
  constexpr std::size_t kTile = std::max(kRegisters / 4, kChains);
  for_tiles<kTile>(columns.begin, columns.end, [&](std::size_t column, auto vectors) HWY_ATTR {
    Vector weights[vectors()];
    load(layer.weights[row] + column, weights);
    Vector gradient[vectors()];
    set_zero(gradient);
    float* parts = scratch;
    for (const Entry& image : images) {
      const Vector value = hn::Set(kFloats, image.value);
      const float* of_image = deltas[image.index] + column;
      keep_in_register(of_image);
      Vector sums[kChains];
      column == columns.begin ? set_zero(sums) : load(parts, sums);
      repeat(kEach<vectors()>, [&](std::size_t v) HWY_ATTR {
        Vector delta = hn::Load(kFloats, of_image + v * kLanes);
        keep_in_register(delta);
        gradient[v] = hn::MulAdd(value, delta, gradient[v]);
        sums[v % kChains] = hn::MulAdd(weights[v], delta, sums[v % kChains]);
      });
      store(sums, parts);
      parts += kRowMultiple;
    }
    sgd_step(layer, row, column, gradient, sgd);
  });
  std::size_t done = 0;
#if HWY_MAX_BYTES == 64
  constexpr std::size_t kAtOnce = 4;
  for (; done + kAtOnce <= images.size(); done += kAtOnce) {
    float sums[kAtOnce];
    add_up_four(scratch + done * kRowMultiple, sums);
    for (std::size_t k = 0; k < kAtOnce; ++k) input_deltas[images[done + k].index][row] = sums[k];
  }
#endif
  for (; done < images.size(); ++done) {
    Vector sums[kChains];
    load(scratch + done * kRowMultiple, sums);
    input_deltas[images[done].index][row] = add_up(sums);
  }
}

void dot_and_update_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         GroupRows input_deltas, float* scratch, const SgdStep& sgd) {
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const std::span<const Entry> images(by_input.entries + by_input.begin[i],
                                        by_input.entries + by_input.end[i]);
    if (layer.skips_empty_rows && images.empty()) continue;
    std::size_t group = 0;
    for (std::size_t begin = 0; begin < layer.width; begin += layer.group, ++group) {
      const Range columns{begin, std::min(begin + layer.group, layer.width)};
      dot_and_update_row(layer, i, columns, images, deltas, input_deltas[group], scratch, sgd);
    }
  }
}

bool is_fused() { return HWY_NATIVE_FMA; }

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist {

std::size_t group_columns(std::size_t width) {
  const std::size_t groups = 2 * std::bit_ceil((width + 255) / 256);
  return std::max(RowStorage::padded((width + groups - 1) / groups), kRowMultiple);
}

HWY_EXPORT(accumulate_rows);
HWY_EXPORT(dot_rows);
HWY_EXPORT(update_rows);
HWY_EXPORT(dot_and_update_rows);
HWY_EXPORT(apply_lazy_update);
HWY_EXPORT(is_fused);
HWY_EXPORT(target);

void accumulate_rows(const LayerWeights& layer, const EntryLists& by_image, std::size_t images,
                     Rows outputs) {
  for (std::size_t begin = 0; begin < images; begin += kForwardImages) {
    const Range some{begin, std::min(begin + kForwardImages, images)};
    HWY_DYNAMIC_DISPATCH(accumulate_rows)(layer, by_image, some, outputs);
  }
}

void dot_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              GroupRows input_deltas) {
  HWY_DYNAMIC_DISPATCH(dot_rows)(layer, by_input, deltas, input_deltas);
}

void update_rows(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
                 const SgdStep& sgd) {
  HWY_DYNAMIC_DISPATCH(update_rows)(layer, by_input, rows, deltas, sgd);
}

void dot_and_update_rows(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         GroupRows input_deltas, float* scratch, const SgdStep& sgd) {
  HWY_DYNAMIC_DISPATCH(dot_and_update_rows)(layer, by_input, deltas, input_deltas, scratch, sgd);
}

void apply_lazy_update(const LayerWeights& layer, std::size_t row, const LazyUpdate& update) {
  HWY_DYNAMIC_DISPATCH(apply_lazy_update)(layer, row, update);
}

const char* simd_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

bool has_fused_multiply_add() { return HWY_DYNAMIC_DISPATCH(is_fused)(); }

void limit_simd() {
  const std::string capability = environment("ATEN_CPU_CAPABILITY");
  // Better x86 targets have lower bits. Other architectures do not use these bits.
  if (capability == "avx2") hwy::DisableTargets(HWY_AVX2 - 1);
  if (capability == "default") hwy::DisableTargets(HWY_AVX2 * 2 - 1);
}

}  // namespace mnist

#endif  // HWY_ONCE
