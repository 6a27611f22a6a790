#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mnist {

/// The network that the page holds, and its description.
struct DrawnNetwork {
  std::vector<std::int64_t> sizes;    ///< from the inputs to the outputs: 784, 256, 256, 10
  std::span<const float> parameters;  ///< layer by layer the weights [outputs, inputs], row by row,
                                      ///< then the biases [outputs]
  std::string description;            ///< its architecture and file
};

/// An HTML page that classifies the digit drawn on it. It holds the network and loads nothing. Its
/// size is about 5.3 bytes per parameter, as base64 takes, and 23 kB.
std::string draw_page(const DrawnNetwork& network);

}  // namespace mnist
