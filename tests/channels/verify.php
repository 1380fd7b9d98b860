<?php
/** Whether ecpayd has sent this body. $headers by their names in lower case. */
function verified(string $secret, array $headers, string $body): bool
{
    $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6)) : $secret;
    $stamp = $headers['webhook-timestamp'] ?? '';
    if (abs(time() - (int) $stamp) > 300) {
        return false; // an old one, sent again by somebody else
    }
    $signed = ($headers['webhook-id'] ?? '') . ".$stamp.$body";
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
        if (hash_equals($wanted, $given)) {
            return true; // one of two, while keys change
        }
    }
    return false;
}
