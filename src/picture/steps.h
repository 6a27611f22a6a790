#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

// The steps of prepare_digit(), and what they share.

/// The sheet of paper in a picture (RGB, CV_32FC3): the smallest quadrilateral, as a camera may see
/// a rectangle, that is a third as wide and high as the picture and has something on it. It is
/// returned upright, without its edge.
std::optional<cv::Mat3f> find_sheet(const cv::Mat3f& colors);

/// What stands out from the background in a picture.
struct Ink {
  cv::Mat1f amount;      ///< 0 for background to about 1 for ink, whatever their intensities are
  float contrast = 0;    ///< of ink, in intensities; 0 if nothing stands out
  float noise = 0;       ///< the standard deviation of the background
  float unevenness = 0;  ///< the range of the background's intensities
};

/// Finds ink, dark or light, in a plane of intensities from 0 to 255. Uneven light, noise, dirt and
/// ruled lines are background. No stroke may be broader than this share of the picture's longer
/// side: what is broader is a shadow.
Ink find_ink(const cv::Mat1f& intensities, double broadest);

/// The shapes that make a digit.
struct DigitShapes {
  cv::Mat1f ink;  ///< without other shapes
  cv::Rect box;   ///< around the digit
  bool reaches_border;
  std::vector<std::string> low_confidence;
};

/// Takes the shape with the most ink (0 to about 1 at each pixel) and what is near enough to be a
/// part of it. Throws Error(kData) if there are only specks, or more shapes than a digit and some
/// dirt.
DigitShapes find_shapes(const cv::Mat1f& ink);

/// Whether a picture of this size is a drawing, of broad strokes up to the border; a larger one may
/// be a photo.
inline bool is_drawing(const cv::Size& size) { return std::max(size.width, size.height) <= 64; }

/// The image (of any type) made smaller, so that its longer side is at most `side`.
cv::Mat shrunk(const cv::Mat& image, int side);

/// The brightness of colors (RGB), in the same range.
cv::Mat1f brightness_of(const cv::Mat3f& colors);

/// The largest value less the smallest, of all pixels or those where the mask is set.
double range_of(const cv::Mat1f& plane, const cv::Mat1b& mask = {});

/// The value that this share of the values, 0 to 1, do not exceed; 0 if there are none.
float quantile(std::vector<float> values, double share);

/// The same of the pixels; of a large plane, of some tens of thousands of them.
float quantile(const cv::Mat1f& plane, double share);

/// A structuring element for OpenCV's morphology.
inline cv::Mat rectangle(int height, int width) { return cv::Mat::ones(height, width, CV_8UC1); }

/// How many sides of a picture of this size the box comes to, or is within `margin` of.
int sides_reached(const cv::Rect& box, const cv::Size& size, int margin = 0);

}  // namespace mnist
