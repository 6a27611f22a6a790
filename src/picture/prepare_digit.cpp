#include "picture/prepare_digit.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

#include "base/fail.h"
#include "mnist_train/shape.h"
#include "picture/steps.h"

namespace mnist {
namespace {

constexpr int kWorkSide = 640;  // pixels; a larger picture is made smaller first
constexpr int kSide = kImageSide;

/// The median of each channel where the mask is set.
cv::Scalar median_color(const cv::Mat3f& colors, const cv::Mat1b& mask) {
  cv::Scalar median;
  for (int c = 0; c < 3; ++c) {
    std::vector<float> values;
    for (auto color = colors.begin(); color != colors.end(); ++color) {
      if (mask(color.pos()) != 0) values.push_back((*color)[c]);
    }
    median[c] = quantile(std::move(values), 0.5);
  }
  return median;
}

/// The colors on a background: on that of their own median if they are a sheet with something on
/// it, else on white or black, whichever differs more from them.
cv::Mat3f opaque(const cv::Mat4f& picture) {
  cv::Mat3f colors;
  cv::cvtColor(picture, colors, cv::COLOR_RGBA2RGB);
  cv::Mat1f alpha;
  cv::extractChannel(picture, alpha, 3);
  // Some programs write an opacity of 0 where they mean opaque.
  if (cv::countNonZero(alpha < 255) == 0 || cv::countNonZero(alpha) == 0) return colors;
  constexpr double kLeastFilled = 0.75;  // of the box around a sheet
  constexpr double kLeastRange = 32;     // on it
  const cv::Mat1f brightness = brightness_of(colors);
  const cv::Mat1b solid = alpha > 127;
  const bool is_sheet = range_of(brightness, solid) > kLeastRange &&
                        cv::countNonZero(solid) > kLeastFilled * cv::boundingRect(solid).area();
  if (is_sheet) solid.convertTo(alpha, CV_32F);
  const bool is_dark = cv::mean(brightness, alpha > 0)[0] < 127.5;
  const cv::Scalar background =
      is_sheet ? median_color(colors, solid) : cv::Scalar::all(is_dark ? 255 : 0);
  cv::Mat3f weights;
  cv::cvtColor(alpha / 255, weights, cv::COLOR_GRAY2RGB);
  const cv::Mat3f difference = colors - background;
  return difference.mul(weights) + background;
}

/// The ink in the box scaled to a longer side of `side`, its center of mass in the middle.
cv::Mat1f centered(const cv::Mat1f& ink, const cv::Rect& box, int side) {
  const double scale = static_cast<double>(side) / std::max(box.width, box.height);
  cv::Mat1f part;
  cv::resize(ink(box), part,
             {std::max(1, cvRound(box.width * scale)), std::max(1, cvRound(box.height * scale))}, 0,
             0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat1f image(kSide, kSide, 0.0F);
  part.copyTo(image(cv::Rect({0, 0}, part.size())));
  const cv::Moments moments = cv::moments(image);  // a matrix of two columns would be a contour
  const auto start = [&](double moment, int length) {
    constexpr double kMiddle = 14.0;  // of MNIST's images, whose pixels have centers at 0, 1, ...
    return std::clamp(cvFloor(kMiddle + 0.5001 - moment / moments.m00), 0, kSide - length);
  };
  const cv::Point corner(start(moments.m10, part.cols), start(moments.m01, part.rows));
  image = 0;
  part.copyTo(image(cv::Rect(corner, part.size())));
  return image;
}

/// The width of strokes in pixels: twice their area by the length of their outline. What is
/// narrower than a pixel counts as about 1.8, because a pixel is what a slope is measured across.
double stroke_width(const cv::Mat1f& image) {
  cv::Mat1f across;
  cv::Mat1f down;
  cv::Sobel(image, across, CV_32F, 1, 0, 1, 0.5);
  cv::Sobel(image, down, CV_32F, 0, 1, 1, 0.5);
  cv::Mat1f slope;
  cv::magnitude(across, down, slope);
  return 2 * cv::sum(image)[0] / cv::sum(slope)[0];
}

GrayImage mnist_form(const DigitShapes& digit) {
  constexpr int kLongerSide = 20;
  constexpr double kThin = 1.9;
  cv::Mat1f image = centered(digit.ink, digit.box, kLongerSide);
  const bool is_thin = stroke_width(image) < kThin;
  if (is_thin) cv::GaussianBlur(centered(digit.ink, digit.box, kLongerSide - 1), image, {3, 3}, 0);
  double white = 0;
  cv::minMaxLoc(image, nullptr, &white);
  if (is_thin) white /= 3;  // which makes strokes three pixels broad, as MNIST's are
  GrayImage result(kSide, kSide);
  image.convertTo(cv::Mat1b(kSide, kSide, result.pixels.data()), CV_8U, 255 / white);
  return result;
}

/// The ink of the plane in which it is clearest: of the brightness or, if it shows the ink much
/// better, of a color.
Ink clearest_ink(const cv::Mat3f& colors, double broadest) {
  constexpr double kMuchBetter = 1.5;
  const auto clarity = [](const Ink& ink) { return ink.contrast / (ink.noise + 1); };
  Ink best = find_ink(brightness_of(colors), broadest);
  double most = kMuchBetter * clarity(best);
  std::array<cv::Mat1f, 3> channels;
  cv::split(colors, channels.data());
  const bool is_gray = cv::norm(channels[0], channels[1], cv::NORM_INF) == 0 &&
                       cv::norm(channels[0], channels[2], cv::NORM_INF) == 0;
  if (is_gray) return best;
  for (const cv::Mat1f& channel : channels) {
    Ink ink = find_ink(channel, broadest);
    if (clarity(ink) <= most) continue;
    most = clarity(ink);
    best = std::move(ink);
  }
  return best;
}

/// The digit if no stroke is broader than this share of the picture.
DigitShapes find_digit(const cv::Mat3f& colors, double broadest) {
  const Ink ink = clearest_ink(colors, broadest);
  if (ink.contrast == 0) fail(ErrorKind::kData, "no digit found");
  DigitShapes digit = find_shapes(ink.amount);
  if (ink.contrast < std::max(7 * ink.noise, ink.unevenness / 3)) {
    digit.low_confidence.emplace_back("hardly any contrast");
  }
  return digit;
}

/// Whether the ink that is only in the first is fainter than what is in both, as a shadow is.
bool differ_by_a_shadow(const DigitShapes& first, const DigitShapes& second) {
  constexpr double kFainter = 0.85;
  constexpr float kInk = 0.2F;
  const cv::Mat1b in_both = (first.ink > kInk) & (second.ink > kInk);
  const cv::Mat1b in_first = (first.ink > kInk) & ~in_both;
  return cv::mean(first.ink, in_first)[0] < kFainter * cv::mean(first.ink, in_both)[0];
}

/// Whether much of the ink is faint, as a shadow is beside strokes.
bool is_uneven(const DigitShapes& digit) {
  constexpr double kMuch = 0.2;
  cv::Mat1f faint = digit.ink.clone();
  faint.setTo(0, digit.ink > 0.6);
  return cv::sum(faint)[0] > kMuch * cv::sum(digit.ink)[0];
}

/// The digit. If it reaches the border or is uneven, it may be in a shadow, which is broader than a
/// stroke.
DigitShapes find_digit(const cv::Mat3f& colors) {
  DigitShapes first = find_digit(colors, 0.45);
  const bool may_have_shadow = first.reaches_border || is_uneven(first);
  if (!may_have_shadow || is_drawing(colors.size())) return first;
  for (const double broadest : {0.3, 0.2, 0.12}) {
    try {
      DigitShapes other = find_digit(colors, broadest);
      if (!other.reaches_border && differ_by_a_shadow(first, other)) return other;
    } catch (const Error&) {  // then the first one is what there is
    }
  }
  return first;
}

}  // namespace

PreparedDigit prepare_digit(const cv::Mat4b& picture) {
  cv::Mat4f small;
  shrunk(picture, kWorkSide).convertTo(small, CV_32F);
  cv::Mat3f colors = opaque(small);
  while (const auto sheet = find_sheet(colors)) colors = *sheet;
  DigitShapes digit = find_digit(colors);
  return {mnist_form(digit), std::move(digit.low_confidence)};
}

}  // namespace mnist
