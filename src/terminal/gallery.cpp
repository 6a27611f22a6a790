#include "terminal/gallery.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::string_view kGap = "  ";
constexpr const char* kReset = "\x1b[0m";
constexpr const char* kUpperHalf = "\u2580";

/// The color among 256 that is nearest to a gray: 16 is black, 231 white, and 232 to 255 are the
/// shades 8, 18 ... 238.
int nearest_of_256(int shade) {
  if (shade < 4) return 16;
  if (shade > 246) return 231;
  return 232 + std::clamp((shade - 8 + 5) / 10, 0, 23);
}

/// Sets the shades of the halves of a half block. Source: ECMA-48, 8.3.117 (SGR).
std::string colors_of(int upper, int lower) {
  return fmt::format("\x1b[38;5;{};48;5;{}m", nearest_of_256(upper), nearest_of_256(lower));
}

char letter(int shade) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  return kRamp[static_cast<std::size_t>(shade) * kRamp.size() / 256];
}

}  // namespace

std::vector<std::string> draw(const GrayImage& image, bool has_grays) {
  std::vector<std::string> lines;
  for (std::int64_t y = 0; y < image.height; y += 2) {
    std::string line;
    std::string colors;  // in force at this place
    for (std::int64_t x = 0; x < image.width; ++x) {
      const int upper = image.at(x, y);
      const int lower = y + 1 < image.height ? image.at(x, y + 1) : 0;
      if (!has_grays) {
        line += letter((upper + lower) / 2);
        continue;
      }
      const std::string wanted = colors_of(upper, lower);
      if (wanted != colors) line += wanted;
      colors = wanted;
      line += kUpperHalf;
    }
    lines.push_back(has_grays ? line + kReset : line);
  }
  return lines;
}

std::size_t images_across(int columns) {
  constexpr auto kGapColumns = static_cast<std::int64_t>(kGap.size());
  const std::int64_t cells = (columns + kGapColumns) / (kImageSide + kGapColumns);
  return static_cast<std::size_t>(std::max(std::int64_t{1}, cells));
}

std::string gallery_row(std::span<const Captioned> images, bool has_grays) {
  std::string captions;
  std::vector<std::string> lines;
  for (const Captioned& one : images) {
    const std::string_view gap = captions.empty() ? "" : kGap;
    captions += fmt::format("{}{:<{}.{}}", gap, one.title + "  " + one.detail, one.image.width,
                            one.image.width);
    const std::vector<std::string> drawing = draw(one.image, has_grays);
    lines.resize(drawing.size());
    for (std::size_t i = 0; i < drawing.size(); ++i) lines[i] += std::string(gap) + drawing[i];
  }
  return fmt::format("{}\n{}\n", captions, fmt::join(lines, "\n"));
}

}  // namespace mnist
