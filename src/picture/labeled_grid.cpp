#include "picture/labeled_grid.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

// In pixels.
constexpr int kShownSide = 4 * static_cast<int>(kImageSide);
constexpr int kMargin = 12;
constexpr int kTitleHeight = 26;
constexpr int kDetailHeight = 14;
constexpr int kCellWidth = kShownSide + kMargin;
constexpr int kCellHeight = kTitleHeight + kDetailHeight + kShownSide + kMargin;

/// Writes a line of ASCII text, centered over an image whose left edge is at `left`.
void write(cv::Mat1b& grid, const std::string& text, int left, int base, double scale) {
  int below = 0;
  const int width = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &below).width;
  cv::putText(grid, text, {left + std::max(0, (kShownSide - width) / 2), base},
              cv::FONT_HERSHEY_SIMPLEX, scale, 0, 1, cv::LINE_AA);
}

}  // namespace

GrayImage labeled_grid(const std::vector<Captioned>& images, std::size_t columns) {
  const std::size_t across = std::min(columns, images.size());
  const std::size_t rows = (images.size() + columns - 1) / columns;
  GrayImage result(kMargin + static_cast<int>(across) * kCellWidth,
                   kMargin + static_cast<int>(rows) * kCellHeight, 255);
  cv::Mat1b grid(static_cast<int>(result.height), static_cast<int>(result.width),
                 result.pixels.data());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const int left = kMargin + static_cast<int>(i % columns) * kCellWidth;
    const int top = kMargin + static_cast<int>(i / columns) * kCellHeight;
    write(grid, images[i].title, left, top + kTitleHeight - 8, 0.6);
    write(grid, images[i].detail, left, top + kTitleHeight + kDetailHeight - 5, 0.35);
    GrayImage image = images[i].image;
    const cv::Mat1b pixels(kImageSide, kImageSide, image.pixels.data());
    cv::resize(pixels,
               grid(cv::Rect(left, top + kTitleHeight + kDetailHeight, kShownSide, kShownSide)),
               {kShownSide, kShownSide}, 0, 0, cv::INTER_NEAREST);
  }
  return result;
}

}  // namespace mnist
