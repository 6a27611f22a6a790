#include "augment/augmentation.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <numbers>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr int kBits = 20;  // fraction bits of the fixed-point numbers
constexpr std::uint64_t kFieldIndex =
    std::numeric_limits<std::uint64_t>::max();  // not that of an image

std::int64_t to_fixed_point(double number) { return std::llround(std::ldexp(number, kBits)); }

/// The product of two fixed-point numbers.
std::int64_t times(std::int64_t one, std::int64_t other) {
  return (one * other + (std::int64_t{1} << (kBits - 1))) >> kBits;
}

/// Rounds to the fraction bits of a Warp.
std::int32_t coarse(std::int64_t amount) {
  constexpr int kLost = kBits - Warp::kFractionBits;
  return static_cast<std::int32_t>((amount + (1 << (kLost - 1))) >> kLost);
}

/// Appends an image translated by whole pixels. Pixels that leave it are dropped.
void append_shifted(const SparseImages& images, std::size_t index, std::int64_t dx, std::int64_t dy,
                    SparseImages& augmented) {
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    const std::int64_t x = images.pixels[e] % kImageSide + dx;
    const std::int64_t y = images.pixels[e] / kImageSide + dy;
    if (x < 0 || x >= kImageSide || y < 0 || y >= kImageSide) continue;
    augmented.pixels.push_back(static_cast<std::uint16_t>(y * kImageSide + x));
    augmented.values.push_back(images.values[e]);
  }
  augmented.begin.push_back(augmented.pixels.size());
}

void append_all(const SparseImages& added, SparseImages& images) {
  const std::size_t before = images.pixels.size();
  for (std::size_t i = 1; i < added.begin.size(); ++i)
    images.begin.push_back(before + added.begin[i]);
  images.pixels.insert(images.pixels.end(), added.pixels.begin(), added.pixels.end());
  images.values.insert(images.values.end(), added.values.begin(), added.values.end());
}

}  // namespace

Augmentation::Augmentation(const AugmentOptions& options, std::int64_t seed)
    : options_(options), seed_(static_cast<std::uint64_t>(seed)) {
  constexpr double kRadians = std::numbers::pi / 180.0;
  for (std::size_t i = 0; i < kAmounts; ++i) {
    const double part = (2.0 * static_cast<double>(i) - (kAmounts - 1)) / (kAmounts - 1);
    const double angle = part * options.degrees * kRadians;
    sines_[i] = to_fixed_point(std::sin(angle));
    cosines_[i] = to_fixed_point(std::cos(angle));
    tangents_[i] = to_fixed_point(std::tan(part * options.shear * kRadians));
    inverse_scales_[i] = to_fixed_point(1.0 / (1.0 + part * options.scale));
    translations_[i] = to_fixed_point(part * options.largest_translation());
    strokes_[i] = std::llround(std::ldexp(part * options.stroke, Warp::kStrokeBits));
  }
}

void Augmentation::apply(const SparseImages& images, std::span<const std::int64_t> indices,
                         std::int64_t epoch, int threads, SparseImages& augmented) {
  if (options_.kind == Augment::kElastic && field_epoch_ != epoch) {
    field_ = make_noise_field(options_.alpha, options_.sigma,
                              {seed_, static_cast<std::uint64_t>(epoch), kFieldIndex});
    field_epoch_ = epoch;
  }
  const auto append_part = [&](std::span<const std::int64_t> part, SparseImages& result) {
    for (const std::int64_t index : part) {
      append(images, static_cast<std::size_t>(index), epoch, result);
    }
  };
  // One part per thread; the calling thread takes the first.
  const std::size_t size = (indices.size() + threads - 1) / threads;
  std::vector<std::future<SparseImages>> others;
  for (std::size_t begin = size; begin < indices.size(); begin += size) {
    const auto part = indices.subspan(begin, std::min(size, indices.size() - begin));
    others.push_back(std::async([&append_part, part] {
      SparseImages result;
      append_part(part, result);
      return result;
    }));
  }
  augmented.begin.resize(1);
  augmented.pixels.clear();
  augmented.values.clear();
  append_part(indices.first(std::min(size, indices.size())), augmented);
  for (std::future<SparseImages>& other : others) append_all(other.get(), augmented);
}

void Augmentation::append(const SparseImages& images, std::size_t index, std::int64_t epoch,
                          SparseImages& augmented) const {
  KeyedRandom random(seed_, static_cast<std::uint64_t>(epoch), index);
  if (options_.kind == Augment::kShift) {
    const auto most = static_cast<std::int64_t>(options_.largest_translation());
    const auto draw = [&] {
      return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * most + 1))) -
             most;
    };
    const std::int64_t dx = draw();
    const std::int64_t dy = draw();
    return append_shifted(images, index, dx, dy, augmented);
  }
  append_warped(images, index, draw_warp(random), augmented);
}

// The inverse of translating, rotating, scaling and shearing, in this order, all but the first
// about the center of the image.
Warp Augmentation::draw_warp(KeyedRandom& random) const {
  const std::size_t angle = random.below(kAmounts);
  const std::int64_t scale = inverse_scales_[random.below(kAmounts)];
  const std::int64_t shear = tangents_[random.below(kAmounts)];
  const std::int64_t center = (kImageSide - 1) * (std::int64_t{1} << (kBits - 1));
  const std::int64_t x = center + translations_[random.below(kAmounts)];
  const std::int64_t y = center + translations_[random.below(kAmounts)];
  const std::int64_t xx = times(cosines_[angle] - times(sines_[angle], shear), scale);
  const std::int64_t xy = times(times(cosines_[angle], shear) + sines_[angle], scale);
  const std::int64_t yx = times(-sines_[angle], scale);
  const std::int64_t yy = times(cosines_[angle], scale);
  Warp warp{coarse(xx), coarse(xy), coarse(center - times(xx, x) - times(xy, y)),
            coarse(yx), coarse(yy), coarse(center - times(yx, x) - times(yy, y)),
            nullptr,    nullptr,    0};
  if (options_.kind == Augment::kElastic) {
    constexpr std::uint64_t kWindowPositions = NoiseField::kSide - kImageSide + 1;
    const std::size_t window_x = random.below(kWindowPositions);
    const std::size_t window = random.below(kWindowPositions) * NoiseField::kSide + window_x;
    warp.dx = field_.dx.data() + window;
    warp.dy = field_.dy.data() + window;
  }
  warp.stroke = static_cast<std::int32_t>(strokes_[random.below(kAmounts)]);
  return warp;
}

std::optional<Augmentation> make_augmentation(const TrainingOptions& options) {
  if (options.augment.kind == Augment::kNone) return std::nullopt;
  return Augmentation(options.augment, options.seed);
}

}  // namespace mnist
