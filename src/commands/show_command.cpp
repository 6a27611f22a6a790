#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <span>
#include <vector>

#include "augment/augmentation.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"
#include "picture/labeled_grid.h"
#include "picture/picture_file.h"
#include "run/predictions.h"
#include "terminal/console.h"
#include "terminal/display.h"
#include "terminal/gallery.h"
#include "train/images.h"

namespace mnist {
namespace {

/// An image that fits the options, by its position in the data set, and its caption.
struct Candidate {
  std::int64_t position;
  std::string title;
  std::string detail;
};

std::vector<Candidate> find_candidates(const Dataset& data, const ShowOptions& options) {
  const auto fits = [&](std::int64_t digit) { return digit == options.digit.value_or(digit); };
  std::vector<Candidate> candidates;
  if (options.wrong) {
    const torch::Tensor logits = compute_logits(read_model(options.model), data.images);
    const std::vector<TestPrediction> predictions = test_predictions(logits, data.labels);
    for (std::int64_t i = 0; i < data.size(); ++i) {
      const auto& [label, predicted, probability] = predictions[i];
      if (label == predicted || !fits(label)) continue;
      candidates.push_back({i, fmt::format("{} as {}", label, predicted),
                            fmt::format("#{}  {:.0f} %", i, 100 * probability)});
    }
    return candidates;
  }
  const auto labels = data.labels.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < data.size(); ++i) {
    if (!fits(labels[i])) continue;
    candidates.push_back({i, std::to_string(labels[i]), fmt::format("#{}", i)});
  }
  return candidates;
}

/// The candidates to show, at most as many as wanted: some at random, or those from a position on.
std::vector<Candidate> choose(std::vector<Candidate> candidates, const ShowOptions& options) {
  const auto count = static_cast<std::int64_t>(candidates.size());
  const std::int64_t wanted = std::min(count, options.count);
  if (options.random) {
    const torch::Tensor order = epoch_order(count, options.seed, 1);
    std::vector<Candidate> chosen;
    for (std::int64_t i = 0; i < wanted; ++i) {
      chosen.push_back(candidates[order[i].item<std::int64_t>()]);
    }
    return chosen;
  }
  std::erase_if(candidates, [&](const Candidate& one) { return one.position < options.first; });
  candidates.resize(std::min(candidates.size(), static_cast<std::size_t>(wanted)));
  return candidates;
}

/// The images at these positions as training gets them in an epoch.
torch::Tensor augmented(const Dataset& data, const std::vector<std::int64_t>& positions,
                        const ShowOptions& options) {
  SparseImages result;
  constexpr int kThreads = 1;
  Augmentation(options.augment, options.seed)
      .apply(to_sparse(data.images), positions, options.epoch, kThreads, result);
  return to_dense(result);
}

/// The images to show. Throws Error(kUsage) if there is no position to start from.
std::vector<Captioned> select(const Dataset& data, const ShowOptions& options) {
  if (options.first >= data.size()) {
    fail(ErrorKind::kUsage, "--index: expected a position from 0 to {}, found {}", data.size() - 1,
         options.first);
  }
  const std::vector<Candidate> chosen = choose(find_candidates(data, options), options);
  std::vector<std::int64_t> positions;
  for (const Candidate& one : chosen) positions.push_back(one.position);
  Dataset shown{data.images, data.labels};
  if (options.augment.kind != Augment::kNone) {
    shown.images = augmented(data, positions, options);
    std::iota(positions.begin(), positions.end(), 0);
  }
  std::vector<Captioned> images;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    images.push_back({chosen[i].title, chosen[i].detail, image_at(shown, positions[i])});
  }
  return images;
}

void write_png(const std::vector<Captioned>& images, const std::string& file) {
  if (images.empty()) {
    fail(ErrorKind::kUsage, "--png: no images match");
  }
  constexpr std::size_t kAcross = 10;
  write_file(file, encode_png(labeled_grid(images, kAcross)));
}

void draw_all(const std::vector<Captioned>& images) {
  const Display display = display_of(STDOUT_FILENO);
  const std::size_t across = images_across(display.columns);
  for (std::size_t begin = 0; begin < images.size(); begin += across) {
    const std::size_t count = std::min(across, images.size() - begin);
    write_out(gallery_row(std::span(images).subspan(begin, count), display.has_grays) + "\n");
  }
}

/// "60000 training images, each [1, 28, 28] uint8 from 0 to 255; 20 shown"
std::string summary(const Dataset& data, Split split, const std::string& set, std::size_t shown,
                    const std::string& file) {
  return fmt::format("{} {} images{}, each [1, {}, {}] uint8 from {} to {}; {} {}\n", data.size(),
                     split == Split::kTrain ? "training" : "test", set, kImageSide, kImageSide,
                     data.images.min().item<std::uint8_t>(), data.images.max().item<std::uint8_t>(),
                     shown, file.empty() ? "shown" : "in " + printable(file));
}

}  // namespace

ExitCode show_command(const ShowOptions& options) {
  const Split split = options.shown_split();
  const std::filesystem::path dir = find_data_dir(options.data_dir);
  const Dataset data = load_split(dir, split);
  const std::vector<Captioned> images = select(data, options);
  if (options.png.empty()) {
    draw_all(images);
  } else {
    write_png(images, options.png);
  }
  write_out(summary(data, split, describe_set(dir), images.size(), options.png));
  return ExitCode::kDone;
}

}  // namespace mnist
