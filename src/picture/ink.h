#pragma once

#include <opencv2/core.hpp>

namespace mnist {

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

}  // namespace mnist
