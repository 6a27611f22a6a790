#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mnist {

// Readers of the two kinds of IDX file that MNIST is made of: images (magic 0x00000803, then count,
// rows and columns, then a byte a pixel) and labels (magic 0x00000801, then count, then a byte
// each); the numbers are 32-bit big-endian. Format: Y. LeCun, "The MNIST database", section FILE
// FORMATS.
//
// All of them throw Error(kData) on a file that is missing, unreadable, packed, of another kind, or
// longer or shorter than its header says.

/// Checks the header of an image file against its size, without reading the pixels. Returns the
/// number of images, each 28 x 28.
std::int64_t check_idx_images(const std::filesystem::path& file);

/// Pixels of the first `limit` images (all if fewer), [N*784], row by row, 0 black to 255 white.
std::vector<std::uint8_t> read_idx_images(const std::filesystem::path& file, std::int64_t limit);

/// All labels, [N], each checked to be 0 to 9.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file);

}  // namespace mnist
