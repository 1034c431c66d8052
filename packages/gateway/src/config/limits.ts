/** Characters of the longest internal token: servers take header sections of 8 or 16 KiB, of which others need a share. */
export const longestToken = 6144

/** Characters of the longest plain field: what proxies and upstreams take together with everything else. */
export const longestValue = 1024
