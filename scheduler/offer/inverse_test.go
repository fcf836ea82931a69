package offer

import "testing"

func TestABrokenInverseOfferIsAnError(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"without an ID": {0x0a, 0x00}, "cut short": {0x0a, 0x05, 0x0a}, "of another type": {0x08, 0x01},
		"without a beginning": {0x0a, 0x05, 0x0a, 0x03, 0x0a, 0x01, 'i'},
	} {
		if offers, err := ReadInverse(append([]byte{eventInverseOffers<<3 | wireBytes, byte(len(b))}, b...)); err == nil {
			t.Errorf("%s: %v", name, offers)
		}
	}
}
