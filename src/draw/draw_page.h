#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mnist {

/// The network that the page carries, and what it tells of it.
struct DrawnNetwork {
  std::vector<std::int64_t> sizes;    ///< from the inputs to the outputs: 784, 256, 256, 10
  std::span<const float> parameters;  ///< layer by layer the weights [outputs, inputs], row by row,
                                      ///< then the biases [outputs]
  std::string description;            ///< its architecture, and where it came from
};

/// A page of HTML on which one draws a digit, and which reads it by itself: it holds the network
/// and loads nothing. It has about 5.3 bytes for each parameter, as base64 does, and 18 kB.
std::string draw_page(const DrawnNetwork& network);

}  // namespace mnist
