#include "train/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>

#include "support.h"

namespace mnist {
namespace {

using testing::ElementsAre;

/// A linear model whose logit of digit d is the pixel at d, times `scale`.
Mlp reads_first_pixels(double scale) {
  Mlp model(std::vector<std::int64_t>{});
  const torch::NoGradGuard no_grad;
  model->layers()[0]->weight.zero_();
  model->layers()[0]->bias.zero_();
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    model->layers()[0]->weight[digit][digit] = scale;
  }
  return model;
}

/// White at the pixels given.
GrayImage white_at(const std::vector<std::int64_t>& pixels) {
  GrayImage image(kImageSide, kImageSide);
  for (const std::int64_t pixel : pixels) image.pixels[pixel] = 255;
  return image;
}

TEST(Classify, GivesTheSoftmaxOfTheLogits) {
  const std::vector<Prediction> predictions =
      classify(reads_first_pixels(2.0), to_tensor({white_at({3}), white_at({})}));
  ASSERT_EQ(predictions.size(), 2);
  const double e2 = std::exp(2.0);
  EXPECT_EQ(predictions[0].digit(), 3);
  EXPECT_NEAR(predictions[0].probability(), e2 / (e2 + 9), 1e-6);
  EXPECT_NEAR(predictions[0].probabilities[0], 1 / (e2 + 9), 1e-6);
  EXPECT_NEAR(predictions[1].probabilities[9], 0.1, 1e-6);
  EXPECT_THAT(predictions[0].ranking(), ElementsAre(3, 0, 1, 2, 4, 5, 6, 7, 8, 9));
}

TEST(Classify, TakesMoreThanABatch) {
  std::vector<GrayImage> images(2345, white_at({1}));
  images[2344] = white_at({8});
  const std::vector<Prediction> predictions = classify(reads_first_pixels(1.0), to_tensor(images));
  ASSERT_EQ(predictions.size(), 2345);
  EXPECT_EQ(predictions[2343].digit(), 1);
  EXPECT_EQ(predictions[2344].digit(), 8);
}

TEST(FindMistakes, HasTheImagesThatAreTakenForAnother) {
  std::vector<GrayImage> images{white_at({4}), white_at({5}), white_at({6, 7}), white_at({2})};
  images[2].pixels[7] = 128;
  images[3].pixels[7] = 100;  // less sure than the one at 1
  const Dataset data{to_tensor(images), torch::tensor({4, 0, 7, 1}, torch::kInt64)};
  const std::vector<Mistake> mistakes = find_mistakes(reads_first_pixels(3.0), data);
  ASSERT_EQ(mistakes.size(), 3);
  EXPECT_EQ(mistakes[0].position, 1);
  EXPECT_EQ(mistakes[0].truth, 0);
  EXPECT_EQ(mistakes[0].prediction.digit(), 5);
  EXPECT_EQ(mistakes[0].image.pixels, images[1].pixels);
  EXPECT_EQ(mistakes[1].prediction.digit(), 6);
  const std::vector<Mistake> surest = most_confident(mistakes, 2);
  ASSERT_EQ(surest.size(), 2);
  EXPECT_EQ(surest[0].position, 1);
  EXPECT_EQ(surest[1].position, 3);
  EXPECT_EQ(most_confident(mistakes, 9).size(), 3);
}

TEST(ImageAt, GivesTheBytesOfTheFile) {
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  const std::string file = test::read_file(test::sample_dir() / "t10k-images-idx3-ubyte");
  constexpr std::size_t kHeader = 16;
  for (const std::int64_t position : {0, 7, 499}) {
    const GrayImage image = image_at(data, position);
    const std::string pixels(image.pixels.begin(), image.pixels.end());
    EXPECT_EQ(pixels, file.substr(kHeader + position * kPixels, kPixels)) << position;
  }
}

}  // namespace
}  // namespace mnist
