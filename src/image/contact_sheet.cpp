#include "image/contact_sheet.h"

#include <stb/stb_easy_font.h>

#include <algorithm>
#include <array>
#include <string>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::uint8_t kWhite = 255;
constexpr std::uint8_t kBlack = 0;
constexpr std::int64_t kZoom = 4;     // how many pixels wide and high a pixel of an image becomes
constexpr std::int64_t kMargin = 12;  // in pixels, as all that follow but kTitleScale
constexpr std::int64_t kTitleScale = 2;  // the size of the title's letters, the detail's being 1
constexpr std::int64_t kTitleHeight = 26;
constexpr std::int64_t kDetailHeight = 14;
constexpr std::int64_t kSide = kImageSide * kZoom;
constexpr std::int64_t kCellWidth = kSide + kMargin;
constexpr std::int64_t kCellHeight = kTitleHeight + kDetailHeight + kSide + kMargin;

/// A corner of a rectangle in the form that stb_easy_font writes.
struct Vertex {
  float x, y, z;
  std::array<unsigned char, 4> color;
};

/// Blackens a rectangle, as far as it lies on the sheet.
void fill(GrayImage& sheet, std::int64_t left, std::int64_t top, std::int64_t right,
          std::int64_t bottom) {
  for (std::int64_t y = top; y < std::min(bottom, sheet.height); ++y) {
    for (std::int64_t x = left; x < std::min(right, sheet.width); ++x) sheet.at(x, y) = kBlack;
  }
}

/// Writes a line of ASCII text, centred over the image whose left edge is at `left`.
void write(GrayImage& sheet, std::string text, std::int64_t left, std::int64_t top,
           std::int64_t scale) {
  constexpr std::size_t kVertices = 4096;  // enough for a caption; longer text is cut
  std::vector<Vertex> vertices(kVertices);
  const std::int64_t width = stb_easy_font_width(text.data()) * scale;
  const std::int64_t begin = left + std::max(std::int64_t{0}, (kSide - width) / 2);
  const int quads = stb_easy_font_print(0, 0, text.data(), nullptr, vertices.data(),
                                        static_cast<int>(kVertices * sizeof(Vertex)));
  for (std::size_t i = 0; i < static_cast<std::size_t>(quads); ++i) {
    const Vertex& first = vertices[4 * i];
    const Vertex& opposite = vertices[4 * i + 2];
    fill(sheet, begin + scale * static_cast<std::int64_t>(first.x),
         top + scale * static_cast<std::int64_t>(first.y),
         begin + scale * static_cast<std::int64_t>(opposite.x),
         top + scale * static_cast<std::int64_t>(opposite.y));
  }
}

/// Copies an image onto the sheet, enlarged.
void paste(GrayImage& sheet, const GrayImage& image, std::int64_t left, std::int64_t top) {
  for (std::int64_t y = 0; y < kSide; ++y) {
    for (std::int64_t x = 0; x < kSide; ++x) {
      sheet.at(left + x, top + y) = image.at(x / kZoom, y / kZoom);
    }
  }
}

}  // namespace

GrayImage contact_sheet(const std::vector<Captioned>& images, std::size_t columns) {
  const auto across = static_cast<std::int64_t>(std::min(columns, images.size()));
  const auto rows = static_cast<std::int64_t>((images.size() + columns - 1) / columns);
  GrayImage sheet(kMargin + across * kCellWidth, kMargin + rows * kCellHeight, kWhite);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::int64_t left = kMargin + static_cast<std::int64_t>(i % columns) * kCellWidth;
    const std::int64_t top = kMargin + static_cast<std::int64_t>(i / columns) * kCellHeight;
    write(sheet, images[i].title, left, top, kTitleScale);
    write(sheet, images[i].detail, left, top + kTitleHeight, 1);
    paste(sheet, images[i].image, left, top + kTitleHeight + kDetailHeight);
  }
  return sheet;
}

}  // namespace mnist
