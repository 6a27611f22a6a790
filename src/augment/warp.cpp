// This file is compiled once for each instruction set, as kernels/kernels.cpp is.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "augment/warp.cpp"
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "augment/noise_field.h"
#include "augment/warp.h"
#include "mnist_train/shape.h"

// Independent of the instruction set.
#ifndef MNIST_TRAIN_WARP_ONCE
#define MNIST_TRAIN_WARP_ONCE
namespace mnist {
namespace {

constexpr std::size_t kSide = kImageSide;
constexpr std::size_t kStride = 32;  ///< of a row in a frame
constexpr std::size_t kLargestVector = 16;
constexpr int kWeightBits = 11;  ///< of the position between two pixels

/// An image with a border of one black pixel. Pixel (x, y) is at place_of(x, y).
using Frame = std::array<std::uint8_t, kStride*(kSide + 2) + kLargestVector>;

constexpr std::size_t place_of(std::size_t x, std::size_t y) { return (y + 1) * kStride + x + 1; }

/// place_of() of each pixel.
constexpr auto kPlaces = [] {
  std::array<std::uint16_t, kSide * kSide> places{};
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = static_cast<std::uint16_t>(place_of(i % kSide, i / kSide));
  }
  return places;
}();

/// The bounding box of the nonzero pixels: columns and rows, inclusive.
struct InkBox {
  std::int32_t left, right, top, bottom;
};

/// Writes an image with at least one nonzero pixel into an empty frame.
InkBox unpack(const SparseImages& images, std::size_t index, Frame& frame) {
  const std::size_t begin = images.begin[index];
  const std::size_t end = images.begin[index + 1];
  std::uint32_t columns = 0;
  for (std::size_t e = begin; e < end; ++e) {
    const std::size_t place = kPlaces[images.pixels[e]];
    frame[place] = images.values[e];
    columns |= std::uint32_t{1} << (place % kStride);
  }
  const auto row = [&](std::size_t e) {
    return static_cast<std::int32_t>(kPlaces[images.pixels[e]] / kStride) - 1;
  };
  return {std::countr_zero(columns) - 1, 30 - std::countl_zero(columns), row(begin), row(end - 1)};
}

/// The nonzero pixels of a warped image, with padding for one vector.
struct WarpedPixels {
  std::size_t count = 0;
  std::array<std::uint16_t, kSide * kSide + kLargestVector> pixels;
  std::array<std::uint8_t, kSide * kSide + kLargestVector> values;

  /// Appends those of the pixels from `pixel` on that are not zero, without a branch.
  template <std::size_t kNumber>
  void append(std::size_t pixel, const std::array<std::int32_t, kNumber>& grays) {
    std::size_t end = count;  // a local copy, which stores to `values` cannot alias
    for (std::size_t i = 0; i < kNumber; ++i) {
      pixels[end] = static_cast<std::uint16_t>(pixel + i);
      values[end] = static_cast<std::uint8_t>(grays[i]);
      end += static_cast<std::size_t>(grays[i] != 0);
    }
    count = end;
  }
};

}  // namespace
}  // namespace mnist
#endif

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Ints = hn::CappedTag<std::int32_t, kLargestVector>;
using Words = hn::RebindToUnsigned<Ints>;
constexpr Ints kInts;
constexpr Words kWords;
constexpr std::size_t kLanes = hn::MaxLanes(kInts);

/// Makes strokes wider, or narrower if `stroke` is negative: each pixel goes `stroke` / 2 of the
/// way to the brightest or darkest of itself and its four neighbors. `ink` grows with them.
void change_stroke(std::int32_t stroke, Frame& frame, InkBox& ink) {
  const bool is_wider = stroke > 0;
  if (is_wider) {
    const std::int32_t last = kSide - 1;
    ink = {std::max(ink.left - 1, 0), std::min(ink.right + 1, last),  //
           std::max(ink.top - 1, 0), std::min(ink.bottom + 1, last)};
  }
  constexpr int kShareBits = Warp::kStrokeBits + 1;
  constexpr int kHalf = 1 << (kShareBits - 1);
  const int share = std::abs(stroke);
  const std::uint8_t flip = is_wider ? 0 : 255;  // the darkest is the brightest of the negative
  Frame before;
  for (std::size_t i = 0; i < frame.size(); ++i) before[i] = frame[i] ^ flip;
  for (std::int32_t y = ink.top; y <= ink.bottom; ++y) {
    const std::size_t begin = place_of(0, static_cast<std::size_t>(y)) - 1;
    const std::uint8_t* const row = &before[begin];
    const std::uint8_t* const above = row - kStride;
    const std::uint8_t* const below = row + kStride;
    const std::uint8_t* const left = row - 1;
    const std::uint8_t* const right = row + 1;
    std::uint8_t* const result = &frame[begin];
    for (std::size_t x = 0; x < kStride; ++x) {
      const std::uint8_t brightest = std::max({row[x], above[x], below[x], left[x], right[x]});
      const auto product = static_cast<std::uint16_t>((brightest - row[x]) * share + kHalf);
      result[x] = static_cast<std::uint8_t>(row[x] + (product >> kShareBits)) ^ flip;
    }
    result[0] = result[kSide + 1] = 0;  // beside the image
  }
}

/// quads[place_of(x, y)]: the bytes (x, y), (x+1, y), (x, y+1) and (x+1, y+1) of the frame, lowest
/// first, from the row above the bounding box to its last row.
void make_quads(const Frame& frame, const InkBox& ink, std::uint32_t* quads) {
  const hn::Rebind<std::uint8_t, Words> bytes;
  const auto load = [&](std::size_t place) HWY_ATTR {
    return hn::PromoteTo(kWords, hn::LoadU(bytes, frame.data() + place));
  };
  const std::size_t first = static_cast<std::size_t>(ink.top) * kStride;
  const std::size_t last = static_cast<std::size_t>(ink.bottom + 2) * kStride;
  for (std::size_t place = first; place < last; place += kLanes) {
    const auto upper = hn::Or(load(place), hn::ShiftLeft<8>(load(place + 1)));
    const auto lower = hn::Or(load(place + kStride), hn::ShiftLeft<8>(load(place + kStride + 1)));
    hn::Store(hn::Or(upper, hn::ShiftLeft<16>(lower)), kWords, quads + place);
  }
}

/// from + (to - from) * weight. `weight` and the result have kWeightBits more fraction bits than
/// `from` and `to`.
template <class V>
HWY_INLINE V interpolate(V from, V to, V weight) {
  return hn::Add(hn::ShiftLeft<kWeightBits>(from), hn::Mul(hn::Sub(to, from), weight));
}

void warp(Frame& frame, InkBox ink, const Warp& by, WarpedPixels& result) {
  if (by.stroke != 0) change_stroke(by.stroke, frame, ink);
  HWY_ALIGN std::array<std::uint32_t, std::tuple_size_v<Frame>> quads;
  make_quads(frame, ink, quads.data());
  // The contribution of a column to the position. Columns beyond the image map far outside.
  HWY_ALIGN std::array<std::int32_t, kStride> column_x;
  HWY_ALIGN std::array<std::int32_t, kStride> column_y;
  for (std::size_t x = 0; x < kStride; ++x) {
    column_x[x] = x < kSide ? by.xx * static_cast<std::int32_t>(x) : 1 << 29;
    column_y[x] = by.yx * static_cast<std::int32_t>(x);
  }
  const auto left = hn::Set(kInts, ink.left - 1);
  const auto top = hn::Set(kInts, ink.top - 1);
  const auto width = hn::Set(kWords, static_cast<std::uint32_t>(ink.right - ink.left + 1));
  const auto height = hn::Set(kWords, static_cast<std::uint32_t>(ink.bottom - ink.top + 1));
  const auto byte = hn::Set(kInts, 255);
  const auto weight_mask = hn::Set(kInts, (1 << kWeightBits) - 1);
  constexpr int kRest = Warp::kFractionBits - kWeightBits;
  const hn::Rebind<std::int16_t, Ints> shorts;
  const auto displaced = [&](const std::int16_t* field, std::size_t place, auto position) HWY_ATTR {
    if (field == nullptr) return position;
    constexpr int kShift = Warp::kFractionBits - NoiseField::kFractionBits;
    const auto by_field = hn::PromoteTo(kInts, hn::LoadU(shorts, field + place));
    return hn::Add(position, hn::ShiftLeft<kShift>(by_field));
  };
  for (std::size_t y = 0; y < kSide; ++y) {
    const auto row = static_cast<std::int32_t>(y);
    const auto row_x = hn::Set(kInts, by.x0 + by.xy * row + (1 << (kRest - 1)));  // which rounds
    const auto row_y = hn::Set(kInts, by.y0 + by.yy * row + (1 << (kRest - 1)));
    for (std::size_t x = 0; x < kSide; x += kLanes) {
      const std::size_t place = y * NoiseField::kSide + x;
      const auto at_x =
          displaced(by.dx, place, hn::Add(row_x, hn::Load(kInts, column_x.data() + x)));
      const auto at_y =
          displaced(by.dy, place, hn::Add(row_y, hn::Load(kInts, column_y.data() + x)));
      const auto whole_x = hn::ShiftRight<Warp::kFractionBits>(at_x);
      const auto whole_y = hn::ShiftRight<Warp::kFractionBits>(at_y);
      const auto from_left = hn::BitCast(kWords, hn::Sub(whole_x, left));
      const auto from_top = hn::BitCast(kWords, hn::Sub(whole_y, top));
      // Inside, both distances are at most the size of the box; negative ones are huge as unsigned.
      const auto inside =
          hn::RebindMask(kInts, hn::And(hn::Eq(hn::Min(from_left, width), from_left),
                                        hn::Eq(hn::Min(from_top, height), from_top)));
      if (hn::AllFalse(kInts, inside)) continue;
      const auto quad_at = hn::Add(hn::ShiftLeft<5>(hn::Add(whole_y, hn::Set(kInts, 1))),
                                   hn::Add(whole_x, hn::Set(kInts, 1)));
      const auto quad = hn::BitCast(
          kInts, hn::GatherIndex(kWords, quads.data(), hn::IfThenElseZero(inside, quad_at)));
      const auto weight_x = hn::And(hn::ShiftRight<kRest>(at_x), weight_mask);
      const auto weight_y = hn::And(hn::ShiftRight<kRest>(at_y), weight_mask);
      const auto upper =
          interpolate(hn::And(quad, byte), hn::And(hn::ShiftRight<8>(quad), byte), weight_x);
      const auto lower = interpolate(hn::And(hn::ShiftRight<16>(quad), byte),
                                     hn::And(hn::ShiftRight<24>(quad), byte), weight_x);
      const auto gray = hn::ShiftRight<2 * kWeightBits>(
          hn::Add(interpolate(upper, lower, weight_y), hn::Set(kInts, 1 << (2 * kWeightBits - 1))));
      HWY_ALIGN std::array<std::int32_t, kLanes> grays;
      hn::Store(hn::IfThenElseZero(inside, gray), kInts, grays.data());
      result.append(y * kSide + x, grays);
    }
  }
}

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist {

HWY_EXPORT(warp);

void append_warped(const SparseImages& images, std::size_t index, const Warp& by,
                   SparseImages& augmented) {
  Frame frame{};
  WarpedPixels warped;
  if (images.begin[index] < images.begin[index + 1]) {
    const InkBox box = unpack(images, index, frame);
    HWY_DYNAMIC_DISPATCH(warp)(frame, box, by, warped);
  }
  const auto end = static_cast<std::ptrdiff_t>(warped.count);
  augmented.pixels.insert(augmented.pixels.end(), warped.pixels.begin(),
                          warped.pixels.begin() + end);
  augmented.values.insert(augmented.values.end(), warped.values.begin(),
                          warped.values.begin() + end);
  augmented.begin.push_back(augmented.pixels.size());
}

}  // namespace mnist

#endif  // HWY_ONCE
