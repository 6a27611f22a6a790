#include "terminal/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::string_view kGap = "  ";
constexpr const char* kReset = "\x1b[0m";
constexpr const char* kUpperHalf = "\u2580";

/// The color among 256 that is nearest to a gray: black, white, or one of 24 from 8 to 238.
int nearest_of_256(int shade) {
  constexpr int kBlack = 16;
  constexpr int kFirstGray = 232;
  constexpr int kGrays = 24;
  constexpr int kWhite = 231;
  if (shade < 4) return kBlack;
  if (shade > 246) return kWhite;
  return kFirstGray + std::clamp((shade - 8 + 5) / 10, 0, kGrays - 1);
}

/// Sets the shades of the halves of a half block. Source: ECMA-48, 8.3.117 (SGR).
std::string colors_of(int upper, int lower) {
  return fmt::format("\x1b[38;5;{};48;5;{}m", nearest_of_256(upper), nearest_of_256(lower));
}

char letter(int shade) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  return kRamp[static_cast<std::size_t>(shade) * kRamp.size() / 256];
}

std::string pad(const std::string& text, std::size_t width) {
  return text.size() < width ? text + std::string(width - text.size(), ' ') : text.substr(0, width);
}

std::string without_blanks_at_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// A row of the gallery: captions, then the lines of the drawings side by side.
std::string gallery_row(const std::vector<Captioned>& images, std::size_t begin, std::size_t end,
                        Shades shades) {
  std::string captions;
  std::vector<std::string> lines;
  for (std::size_t i = begin; i < end; ++i) {
    const auto width = static_cast<std::size_t>(images[i].image.width);
    const std::string between = i == begin ? "" : std::string(kGap);
    captions += between + pad(images[i].title + "  " + images[i].detail, width);
    const std::vector<std::string> drawing = draw(images[i].image, shades);
    lines.resize(drawing.size());
    for (std::size_t j = 0; j < drawing.size(); ++j) lines[j] += between + drawing[j];
  }
  std::string text = without_blanks_at_end(captions) + "\n";
  for (const std::string& line : lines) text += without_blanks_at_end(line) + "\n";
  return text;
}

}  // namespace

std::vector<std::string> draw(const GrayImage& image, Shades shades) {
  std::vector<std::string> lines;
  for (std::int64_t y = 0; y < image.height; y += 2) {
    std::string line;
    std::string colors;  // in force at this place
    for (std::int64_t x = 0; x < image.width; ++x) {
      const int upper = image.at(x, y);
      const int lower = y + 1 < image.height ? image.at(x, y + 1) : 0;
      if (shades == Shades::kAscii) {
        line += letter((upper + lower) / 2);
        continue;
      }
      const std::string wanted = colors_of(upper, lower);
      if (wanted != colors) line += wanted;
      colors = wanted;
      line += kUpperHalf;
    }
    lines.push_back(shades == Shades::kAscii ? line : line + kReset);
  }
  return lines;
}

std::size_t images_across(int columns) {
  constexpr auto kGapColumns = static_cast<std::int64_t>(kGap.size());
  const std::int64_t cells = (columns + kGapColumns) / (kImageSide + kGapColumns);
  return static_cast<std::size_t>(std::max(std::int64_t{1}, cells));
}

std::string gallery(const std::vector<Captioned>& images, std::size_t across, Shades shades) {
  std::string text;
  for (std::size_t begin = 0; begin < images.size(); begin += across) {
    const std::size_t end = std::min(begin + across, images.size());
    text += (begin == 0 ? "" : "\n") + gallery_row(images, begin, end, shades);
  }
  return text;
}

}  // namespace mnist
